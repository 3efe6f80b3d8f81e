/** Where Deno keeps what it fetched, on this machine. */
export interface DenoCache {
  /** All of it. */
  readonly denoDir: string;
  /** npm packages, by registry, name and version. */
  readonly npmCache: string;
}

/** Asks Deno where it keeps what it fetches. */
export async function denoCache(): Promise<DenoCache> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)) as DenoCache;
}
