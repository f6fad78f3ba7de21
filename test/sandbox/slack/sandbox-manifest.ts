/** A manifest with everything the sandbox enforces. */
export const MANIFEST = {
  display_information: { name: 'Calibration' },
  features: {
    app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: 'calibration', always_online: true },
    slash_commands: [
      { command: '/calib', description: 'Check cameras', usage_hint: 'check [device]', should_escape: false },
    ],
    shortcuts: [
      { name: 'Add a note', type: 'message', callback_id: 'note', description: 'Adds a note to an incident' },
    ],
  },
  oauth_config: {
    scopes: {
      bot: ['chat:write', 'commands', 'files:write', 'channels:history', 'usergroups:read'],
    },
  },
  settings: {
    event_subscriptions: { bot_events: ['app_home_opened'] },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  },
};
