import type { JsonObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';
import type { Call, Methods } from './web-method.js';
import { required } from './web-method.js';

const groupUsers = ({ office, args }: Call): JsonObject => {
  const id = required(args, 'usergroup');
  const group = office.workspace.userGroups.find((each) => each.id === id);
  if (group === undefined) throw new SlackError('no_such_subteam');
  return { users: group.users };
};

/** Who the app is, how it connects by Socket Mode, and the people in groups. */
export const appMethods = (port: () => number): Methods => ({
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
  'usergroups.users.list': { token: 'bot', scopes: ['usergroups:read'], tier: 'tier2', run: groupUsers },
});
