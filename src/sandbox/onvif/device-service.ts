import { escapeXml, OnvifFaultError, textOf } from './soap.js';
import { PROFILE_TOKEN, ptzConfigurationXml, type Operation, type PtzContext } from './ptz-service.js';

/** What the device and media services tell about their camera. */
export interface DeviceContext extends PtzContext {
  readonly deviceId: string;
  readonly fps: number;
  /** Base of the services' addresses: `http://127.0.0.1:1234`. */
  readonly baseUrl: string;
  readonly streamUri: string;
}

export const PATHS = {
  device: '/onvif/device_service',
  media: '/onvif/media_service',
  ptz: '/onvif/ptz_service',
} as const;

const getSystemDateAndTime: Operation<DeviceContext> = (_xml, { deviceNowMs }) => {
  const now = new Date(deviceNowMs());
  return (
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>' +
    '<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone><tt:UTCDateTime>' +
    `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute>` +
    `<tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year>` +
    `<tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>` +
    '</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>'
  );
};

const getCapabilities: Operation<DeviceContext> = (_xml, { baseUrl }) => {
  const capability = (name: string, path: string, more = ''): string =>
    `<tt:${name}><tt:XAddr>${baseUrl}${path}</tt:XAddr>${more}</tt:${name}>`;
  const streaming =
    '<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>false</tt:RTP_TCP>' +
    '<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities>';
  return (
    `<tds:GetCapabilitiesResponse><tds:Capabilities>${capability('Device', PATHS.device)}` +
    `${capability('Media', PATHS.media, streaming)}${capability('PTZ', PATHS.ptz)}` +
    '</tds:Capabilities></tds:GetCapabilitiesResponse>'
  );
};

const getServices: Operation<DeviceContext> = (_xml, { baseUrl }) => {
  const service = (namespace: string, path: string): string =>
    `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${baseUrl}${path}</tds:XAddr>` +
    '<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>';
  return (
    `<tds:GetServicesResponse>${service('http://www.onvif.org/ver10/device/wsdl', PATHS.device)}` +
    `${service('http://www.onvif.org/ver10/media/wsdl', PATHS.media)}` +
    `${service('http://www.onvif.org/ver20/ptz/wsdl', PATHS.ptz)}</tds:GetServicesResponse>`
  );
};

export const DEVICE_OPERATIONS: Readonly<Record<string, Operation<DeviceContext>>> = {
  GetSystemDateAndTime: getSystemDateAndTime,
  GetCapabilities: getCapabilities,
  GetServices: getServices,
  GetDeviceInformation: (_xml, { head, deviceId }) =>
    '<tds:GetDeviceInformationResponse><tds:Manufacturer>Sandbox</tds:Manufacturer>' +
    `<tds:Model>${escapeXml(head.model.name)}</tds:Model><tds:FirmwareVersion>1.0</tds:FirmwareVersion>` +
    `<tds:SerialNumber>${escapeXml(deviceId)}</tds:SerialNumber><tds:HardwareId>virtual</tds:HardwareId>` +
    '</tds:GetDeviceInformationResponse>',
};

const resolutionXml = ({ head }: DeviceContext): string =>
  `<tt:Resolution><tt:Width>${head.model.widthPx}</tt:Width><tt:Height>${head.model.heightPx}</tt:Height></tt:Resolution>`;

const profileXml = (tag: string, context: DeviceContext): string => {
  const { widthPx, heightPx } = context.head.model;
  return (
    `<${tag} token="${PROFILE_TOKEN}" fixed="true"><tt:Name>Main</tt:Name>` +
    '<tt:VideoSourceConfiguration token="vsc_1"><tt:Name>Source</tt:Name><tt:UseCount>1</tt:UseCount>' +
    `<tt:SourceToken>source_1</tt:SourceToken><tt:Bounds x="0" y="0" width="${widthPx}" height="${heightPx}"/>` +
    '</tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="vec_1"><tt:Name>H264</tt:Name>' +
    `<tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>${resolutionXml(context)}<tt:Quality>5</tt:Quality>` +
    `<tt:RateControl><tt:FrameRateLimit>${context.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>` +
    '<tt:BitrateLimit>8192</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>5</tt:GovLength>' +
    '<tt:H264Profile>Baseline</tt:H264Profile></tt:H264><tt:SessionTimeout>PT60S</tt:SessionTimeout>' +
    `</tt:VideoEncoderConfiguration>${ptzConfigurationXml('tt:PTZConfiguration')}</${tag}>`
  );
};

const getStreamUri: Operation<DeviceContext> = (xml, { streamUri }) => {
  if (textOf(xml, 'ProfileToken') !== PROFILE_TOKEN)
    throw new OnvifFaultError(true, ['ter:InvalidArgVal', 'ter:NoProfile'], 'Profile token does not exist');
  return (
    `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${escapeXml(streamUri)}</tt:Uri>` +
    '<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>' +
    '<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>'
  );
};

export const MEDIA_OPERATIONS: Readonly<Record<string, Operation<DeviceContext>>> = {
  GetProfiles: (_xml, context) =>
    `<trt:GetProfilesResponse>${profileXml('trt:Profiles', context)}</trt:GetProfilesResponse>`,
  GetProfile: (_xml, context) =>
    `<trt:GetProfileResponse>${profileXml('trt:Profile', context)}</trt:GetProfileResponse>`,
  GetVideoSources: (_xml, context) =>
    `<trt:GetVideoSourcesResponse><trt:VideoSources token="source_1"><tt:Framerate>${context.fps}</tt:Framerate>` +
    `${resolutionXml(context)}</trt:VideoSources></trt:GetVideoSourcesResponse>`,
  GetStreamUri: getStreamUri,
};
