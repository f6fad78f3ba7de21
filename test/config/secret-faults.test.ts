import { describe, expect, it } from '@jest/globals';
import { edited, faultsOf, SITE } from './small-site.js';

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
});
