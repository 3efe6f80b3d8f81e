import text from "./data/LICENSE-ATTACK.txt" with { type: "text" };

/** MITRE's notice, which every copy of ATT&CK data must carry. */
export const MITRE_NOTICE: string = text;
