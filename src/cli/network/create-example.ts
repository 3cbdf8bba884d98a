/** What the help shows first, and an error to somebody who gives no name. */

export const CREATE_EXAMPLE =
  "podwire network create blue -s 192.168.30.0/24 --start 192.168.30.101 --end 192.168.30.200 -g 192.168.30.1 -v 2";
