export const username = 'somebody';
/** With characters that are escaped wherever that is done. */
export const password = 'pass word/"1+&%';
export const identityToken = 'identity-token-of-somebody/+==';
export const registryToken = 'registry-token-of-somebody';
/** What the token server gives for a password or an identity token. */
export const accessToken = 'access-token-for-one-repository';

export const login = `${username}:${password}`;

/** A secret in all the ways in which it may be written. */
export function writtenForms(secret: string): readonly string[] {
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ x: secret }).toString().slice('x='.length),
    JSON.stringify(secret).slice(1, -1),
    ...(['base64', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(secret).toString(encoding)),
  ];
  return forms.map((text) => text.replace(/=+$/, ''));
}

/** All secrets of registries, in all these ways. */
export const writtenSecrets: readonly string[] = [
  ...[password, identityToken, registryToken, accessToken, login].flatMap(writtenForms),
];

export function secretsIn(text: string): readonly string[] {
  return writtenSecrets.filter((secret) => text.includes(secret));
}
