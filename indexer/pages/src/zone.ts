// Days and hours as the reader's clocks count them.

import { ApiError } from "./api";

export type Interval = "hour" | "day";
export const seconds = { hour: 3600, day: 86400 };

let name = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
let isReaders = Boolean(Intl.DateTimeFormat().resolvedOptions().timeZone);

/// The zone of days and hours: a name of the IANA database.
export const zone = () => name;

/// The server does not know the reader's zone: days are those of UTC.
export function useUtc() {
  name = "UTC";
  isReaders = false;
}

/// Asks with the reader's zone; where the server does not know it, with UTC, from now on.
export async function inZone<T>(ask: (tz: string) => Promise<T>): Promise<T> {
  try {
    return await ask(name);
  } catch (error) {
    const isZone = error instanceof ApiError && error.message.startsWith("tz must be");
    if (!isZone || name === "UTC") throw error;
    useUtc();
    return await ask(name);
  }
}

/// The beginning of a day `days` after the one that a time (seconds) is in.
function dayAt(t: number, days: number): number {
  const date = new Date(t * 1000);
  const at = isReaders
    ? new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
    : Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days);
  return at / 1000;
}

function hourAt(t: number, hours: number): number {
  const offset = isReaders ? new Date(t * 1000).getTimezoneOffset() * 60 : 0;
  return Math.floor((t - offset) / 3600) * 3600 + offset + hours * 3600;
}

/// The beginning of the hour or day that a time (seconds) is in, or so many before or after it; a
/// day may have 23 or 25 hours.
export const beginOf = (t: number, interval: Interval, after = 0) =>
  interval === "day" ? dayAt(t, after) : hourAt(t, after);
