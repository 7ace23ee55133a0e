// What an attachment is called and taken for, whatever its sender claims (R6).
import { codePoints } from './text.js';

const NAME_LIMIT = 255; // code points
const LONGEST_EXTENSION = 16; // code points, with the dot
const NAMELESS = 'file';

// Control characters, and format characters, which turn the reading direction or hide an extension.
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The last segment of what was given, cleaned and at most 255 code points long; its extension stays. */
export function attachmentName(given: string): string {
  const segment = given.split(/[/\\]/).at(-1) ?? '';
  const clean = segment
    .replace(INVISIBLE, '')
    .replace(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/^\.+/, '');
  return clean === '' ? NAMELESS : shortened(clean);
}

function shortened(name: string): string {
  if (codePoints(name) <= NAME_LIMIT) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && codePoints(name.slice(dot)) <= LONGEST_EXTENSION ? name.slice(dot) : '';
  const room = NAME_LIMIT - codePoints(extension);
  return (
    Array.from(name.slice(0, name.length - extension.length))
      .slice(0, room)
      .join('') + extension
  );
}

const EXECUTABLE_TYPES: readonly string[] = [
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-msi',
  'application/vnd.android.package-archive',
  'application/java-archive',
  'application/java-vm',
  'application/wasm',
  'application/x.ms.shortcut',
  'application/x-deb',
  'application/x-rpm',
  'application/x-sh',
];

const EXECUTABLE_NAME =
  /\.(exe|dll|com|scr|pif|cpl|msi|msp|bat|cmd|ps1|psm1|vbs|vbe|js|jse|mjs|wsf|wsh|hta|lnk|url|scf|reg|apk|jar|sh|bash|run|app|deb|rpm|dmg)$/i;

/** What a double click would run; refused at upload, whichever channel it is meant for. */
export const isExecutable = (name: string, type: string): boolean =>
  EXECUTABLE_TYPES.includes(type) || EXECUTABLE_NAME.test(name);

const ACTIVE_TYPES: readonly string[] = ['text/html', 'application/xhtml+xml', 'application/xml', 'image/svg+xml'];

/** What a browser would run scripts of. */
export const isActive = (type: string): boolean => ACTIVE_TYPES.includes(type);
