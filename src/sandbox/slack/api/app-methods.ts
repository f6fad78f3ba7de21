import type { Methods } from './web-method.js';

/** Who the app is, and its way to Socket Mode. */
export const appMethods = (port: () => number): Methods => ({
  'api.test': {
    token: 'any',
    scopes: [],
    tier: 'tier4',
    run: ({ args }) => ({ args }),
  },
  'auth.test': {
    token: 'bot',
    scopes: [],
    tier: 'special',
    run: ({ office: { workspace, identity, baseUrl } }) => ({
      url: `${baseUrl()}/`,
      team: workspace.teamName,
      team_id: workspace.teamId,
      user: workspace.people.get(identity.botUserId)?.name ?? '',
      user_id: identity.botUserId,
      bot_id: identity.botId,
      is_enterprise_install: false,
    }),
  },
  'apps.connections.open': {
    token: 'app',
    scopes: ['connections:write'],
    tier: 'special',
    run: ({ office }) => ({ url: office.sockets.newAddress(port()) }),
  },
});
