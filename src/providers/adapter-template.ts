import type { Provider } from './declaration.ts';

/**
 * The adapter that `unleak provider init` writes: complete but for URL and
 * credential, which the provider does not publish.
 */
export function adapterTemplate(provider: Provider): string {
  const { id, title, kinds, unpublished } = provider;
  const env = `${id.toUpperCase().replaceAll(/\W/g, '_')}_OPERATOR_TOKEN`;
  return `# Adapter for ${title}. ${title} does not publish ${unpublished[0] ?? 'a key endpoint'}:
# everything below is a shape to fill in for an endpoint of your own, such as
# one that your account manager gave you. \`unleak provider check ${id}\` reads it
# and shows each request without sending any.

[adapter.${id}]
kind = "${kinds[0]?.id ?? ''}"
# Required: where the endpoint is. https, or http on loopback.
url = ""
# Required: the environment variable that holds your operator credential.
operator-env = "${env}"

[adapter.${id}.auth]
header = "Authorization"
value = "Bearer {operator}"

# Lists the account's keys. Paths lead to values in the JSON answer.
[adapter.${id}.list]
method = "GET"
path = "/keys"
items = "data"
id = "id"
label = "name"
created-at = "created_at"
permissions = "scopes"
ips = "allowed_ips"
last-four = "last_four"
success = { status = [200] }
denied = { status = [401, 403] }

# Asked with the leaked key itself: which key is it? Without this section, and
# without a list that shows both ends of each key, a person identifies it.
[adapter.${id}.identify]
method = "GET"
path = "/keys/self"
id = "data.id"
success = { status = [200] }
denied = { status = [401, 403] }

# Instead of method and path: command = ["/usr/local/bin/revoke-key", "{id}"],
# or url = "https://hooks.example.com/revoke" with a body.
[adapter.${id}.revoke]
method = "DELETE"
path = "/keys/{id}"
success = { status = [200, 204] }
not-found = { status = [404] }
denied = { status = [401, 403] }

[adapter.${id}.create]
method = "POST"
path = "/keys"
body = { name = "{label}", scopes = "{permissions}", allowed_ips = "{ips}" }
secret = "data.key"
id = "data.id"
success = { status = [201] }
denied = { status = [401, 403] }
`;
}
