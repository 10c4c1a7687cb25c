import { DEFAULT_FRAME_BYTES, errors, Http2Error, LARGEST_WINDOW, settingNumbers } from './protocol';

const ENTRY_BYTES = 6;

/** What one SETTINGS frame changes; absent: nothing was said of it. */
export interface PeerSettings {
  /** The smallest that the frame names: the table must have been that small once (RFC 7541 §4.2). */
  headerTableSize?: number;
  maxConcurrentStreams?: number;
  initialWindowSize?: number;
  maxFrameSize?: number;
}

/**
 * Reads the payload of SETTINGS (RFC 9113 §6.5). Of a setting that comes several times the last counts, so that the frame
 * costs as much as one that names it once. Throws Http2Error for impossible values and more than `most` entries.
 */
export function readSettings(payload: Buffer, most: number): PeerSettings {
  if (payload.length % ENTRY_BYTES !== 0) throw new Http2Error(errors.frameSize, 'SETTINGS of a wrong size');
  if (payload.length / ENTRY_BYTES > most) throw new Http2Error(errors.enhanceYourCalm, 'too many settings');
  const settings: PeerSettings = {};
  for (let at = 0; at < payload.length; at += ENTRY_BYTES) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case settingNumbers.headerTableSize:
        settings.headerTableSize = Math.min(settings.headerTableSize ?? value, value);
        break;
      case settingNumbers.enablePush:
        if (value > 1) throw new Http2Error(errors.protocol, 'SETTINGS_ENABLE_PUSH is neither 0 nor 1');
        break;
      case settingNumbers.maxConcurrentStreams:
        settings.maxConcurrentStreams = value;
        break;
      case settingNumbers.initialWindowSize:
        if (value > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
        settings.initialWindowSize = value;
        break;
      case settingNumbers.maxFrameSize:
        if (value < DEFAULT_FRAME_BYTES || value > 0xff_ffff)
          throw new Http2Error(errors.protocol, 'a frame size out of bounds');
        settings.maxFrameSize = value;
        break;
      default:
      // Unknown settings are ignored (RFC 9113 §6.5.2).
    }
  }
  return settings;
}
