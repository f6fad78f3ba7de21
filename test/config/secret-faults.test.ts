import { describe, expect, it } from '@jest/globals';
import { parseSettings, type SecretUser } from '../../src/config/load-settings.js';
import { deviceOf, edited, faultsOf, SITE } from './small-site.js';

const CASES = [
  {
    name: 'secrets instead of names',
    text: edited(
      'port: 80',
      'port: 80\n          credentials: { username_env: hunter2, password_env: xoxb-12 }',
    ),
    faults: [
      '14:40 deployments[0].devices[0].onvif.credentials.username_env: must be the name of an environment variable in capitals, such as CAMERA_PASSWORD; the secret itself never stands here',
      '14:63 deployments[0].devices[0].onvif.credentials.password_env: must be the name of an environment variable in capitals, such as CAMERA_PASSWORD; the secret itself never stands here',
    ],
  },
  {
    name: 'an AWS key instead of a name',
    text: edited(
      'port: 80',
      'port: 80\n          credentials: { username_env: USER1, password_env: AKIAIOSFODNN7EXAMPLE }',
    ),
    faults: [
      '14:40 deployments[0].devices[0].onvif.credentials.username_env: names the environment variable USER1, which is not set (for site-a/cam-1)',
      '14:61 deployments[0].devices[0].onvif.credentials.password_env: must be the name of an environment variable in capitals, such as CAMERA_PASSWORD; the secret itself never stands here',
    ],
  },
  {
    name: 'variables that are not set',
    text: edited(
      'port: 80',
      'port: 80\n          credentials: { username_env: CAM_USER, password_env: CAM_PASS }',
    ),
    faults: [
      '14:40 deployments[0].devices[0].onvif.credentials.username_env: names the environment variable CAM_USER, which is not set (for site-a/cam-1)',
      '14:64 deployments[0].devices[0].onvif.credentials.password_env: names the environment variable CAM_PASS, which is not set (for site-a/cam-1)',
    ],
  },
  {
    name: 'variables of Slack that are not set',
    text: 'slack: { channel: a b, bot_token_env: BOT, app_token_env: APP, api_url: localhost }\n' + SITE,
    faults: [
      '1:19 slack.channel: must be a Slack channel such as "#camera-calibration" (in quotes) or its id',
      '1:39 slack.bot_token_env: names the environment variable BOT, which is not set',
      '1:59 slack.app_token_env: names the environment variable APP, which is not set',
      '1:73 slack.api_url: must be an address starting with http:// or https://, without credentials',
    ],
  },
];

describe('secrets', () => {
  it.each(CASES)('tells $name', ({ text, faults }) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it('are missed by those who need them, by others when they use them after all', () => {
    const text =
      'slack: { channel: "#a", bot_token_env: BOT, app_token_env: APP }\n' +
      edited('port: 554', 'port: 554\n          credentials: { username_env: CAM, password_env: PASS }');
    const env: Record<string, string> = {};
    const parsed = (needed: readonly SecretUser[]) => parseSettings(text, 'd.yaml', env, needed);
    const missed = (needed: readonly SecretUser[]): string[] => {
      const found = parsed(needed);
      return 'faults' in found ? found.faults.map(({ message }) => message.split(',')[0] ?? '') : [];
    };
    const named = (...names: string[]) => names.map((name) => `names the environment variable ${name}`);
    expect(missed(['slack', 'cameras'])).toEqual(named('BOT', 'APP', 'CAM', 'PASS'));
    expect(missed(['cameras'])).toEqual(named('CAM', 'PASS'));
    const found = parsed([]);
    if ('faults' in found) throw new Error('faults');
    const { slack } = found.settings;
    const { credentials } = deviceOf(found.settings).rtsp;
    expect(() => slack?.botToken).toThrow(
      /^The environment variable BOT, which devices\.yaml names, is not set/,
    );
    expect(() => credentials?.password).toThrow(expect.objectContaining({ code: 'secret_missing' }));
    env['PASS'] = 'secret';
    expect(credentials?.password).toBe('secret');
  });
});
