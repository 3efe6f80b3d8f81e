/** An address, or the addresses that share its first bits. */
export interface AddressRange {
  /** 4 or 16. */
  readonly bytes: readonly number[];
  /** Leading bits that count. */
  readonly bits: number;
}

/**
 * Reads an address or a range in CIDR notation, e.g. `203.0.113.0/24` or
 * `2001:db8::/32`.
 *
 * @returns nothing when it is neither
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, address = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = parseAddress(address);
  if (bytes === undefined) return undefined;
  const bits = length === undefined ? bytes.length * 8 : Number(length);
  return bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** Whether an address is one of a range; never for what is no address. */
export function isInRange(address: string, { bytes, bits }: AddressRange): boolean {
  const own = parseAddress(address);
  if (own?.length !== bytes.length) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : 0xff << 8 - (bits - bit) & 0xff;
    if ((own[bit >> 3]! & mask) !== (bytes[bit >> 3]! & mask)) return false;
  }
  return true;
}

/** The bytes of an address; an IPv4 address inside an IPv6 address is that IPv4 address. */
function parseAddress(text: string): readonly number[] | undefined {
  const mapped = /^::ffff:(\d[\d.]*)$/i.exec(text)?.[1];
  return mapped !== undefined || !text.includes(":") ? parseIpv4(mapped ?? text) : parseIpv6(text);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  const bytes = parts.map((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256);
  return parts.length === 4 && bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > 39) return undefined;
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const groups = (part: string): readonly string[] => part === "" ? [] : part.split(":");
  const before = groups(head);
  const after = groups(tail ?? "");
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array<string>(missing).fill("0"), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}
