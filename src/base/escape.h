/* One escape function per place that text can go to (security.md T1, V10). */
#ifndef CAIRN_BASE_ESCAPE_H
#define CAIRN_BASE_ESCAPE_H

#include <stddef.h>

struct buf;

/* For a terminal: control characters but newline and tab, DEL, C1, invalid
 * UTF-8 and bidi controls become visible ("\x1b", "\u202e"). */
void escape_terminal(struct buf *out, const char *s, size_t n);
/* The same on one line: newline and tab become "\n" and "\t". */
void escape_line(struct buf *out, const char *s, size_t n);
/* One word for a POSIX shell; bare when it is harmless. */
void escape_shell(struct buf *out, const char *s, size_t n);
/* Always 'quoted', as the shell-text compiler needs it. */
void quote_shell(struct buf *out, const char *s, size_t n);
/* A safe file name: bytes other than [A-Za-z0-9._-] and a leading "." as %XX;
 * longer than 100 bytes, empty, "." or "..": "%sha256-" and a digest
 * (security.md F6). Different texts have different names. */
void escape_filename(struct buf *out, const char *s, size_t n);

#endif
