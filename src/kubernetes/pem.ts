/** Certificates and keys as PEM texts, tried when they are read: the runtime says of a bad one only that it cannot connect. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { InvalidAccess } from "./access.ts";

/** One certificate or several. @throws {InvalidAccess} */
export function requireCertificate(text: string, place: string): string {
  try {
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new InvalidAccess(place, "is no certificate", "want PEM, -----BEGIN CERTIFICATE-----", { cause });
  }
}

/** @throws {InvalidAccess} */
export function requireKey(text: string, place: string): string {
  try {
    createPrivateKey(text);
    return text;
  } catch (cause) {
    const wanted = "want PEM without a passphrase, -----BEGIN PRIVATE KEY-----";
    throw new InvalidAccess(place, "is no private key", wanted, { cause });
  }
}
