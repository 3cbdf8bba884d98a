/** Lines for people: what an action has to say beside its result. */

export type Report = (line: string) => void;
