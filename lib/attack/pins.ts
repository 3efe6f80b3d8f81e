/** What is known of a bundle by its hash. */
export interface KnownBundle {
  readonly domain: string;
  readonly version: string;
  /** Where its content comes from, as a sentence. */
  readonly provenance: string;
}

/** Bundles that are known by the SHA-256 of their uncompressed JSON; these load without further words. */
export const KNOWN_BUNDLES: Readonly<Record<string, KnownBundle>> = {
  "bdf1ce86a4e604214c5076d37ae4dcb322678afc528df8492e6fdc1b554f5da3": {
    domain: "enterprise-attack",
    version: "19.1",
    provenance: "MITRE's own enterprise-attack-19.1.json.",
  },
  "ad3292e0cb1f5953e14cdd527173ac3dd8eae9a9955732696e3ba9a8734e5bd2": {
    domain: "enterprise-attack",
    version: "19.1",
    provenance:
      "MITRE's technique objects of release 19.1; tactics, groups and relations carried " +
      "over from 18.1 and completed from the published list of changes.",
  },
  "10e3dcdb5c75c1b8a780e4e6108850b1af5980eb490a427b61e84c0492bc6570": {
    domain: "enterprise-attack",
    version: "18.1",
    provenance: "Put together from MITRE's per-object files of release 18.1.",
  },
  "a7c0106492843485340710be9e841c1584d8fc6da8950e7097db0e7b5bc9f164": {
    domain: "ics-attack",
    version: "18.1",
    provenance: "MITRE's own bundle of ICS release 18.1.",
  },
};

/** A slim bundle inside the program: what it was made of, and its own hash. */
export interface EmbeddedPin {
  /** SHA-256 of the uncompressed bundle that it was made of; a key of `KNOWN_BUNDLES`. */
  readonly sourceSha256: string;
  /** SHA-256 of the slim bundle. */
  readonly sha256: string;
}

/** The embedded bundles, as `attack build` made them. */
export const EMBEDDED_PINS: Readonly<Record<"enterprise" | "ics", EmbeddedPin>> = {
  enterprise: {
    sourceSha256: "ad3292e0cb1f5953e14cdd527173ac3dd8eae9a9955732696e3ba9a8734e5bd2",
    sha256: "2af58af2e300d4161bd3d03b48dafac404e8af3cff84b7838fd1af158c2114ec",
  },
  ics: {
    sourceSha256: "a7c0106492843485340710be9e841c1584d8fc6da8950e7097db0e7b5bc9f164",
    sha256: "6a17cc73e0a6187faf3659d992772391331afcf559ba899fa8a863030b3acac5",
  },
};
