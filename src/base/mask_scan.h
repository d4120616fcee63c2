/* Goes through a text and finds secrets, also those that an encoder broke
 * into lines. Private to the mask. */
#ifndef CAIRN_BASE_MASK_SCAN_H
#define CAIRN_BASE_MASK_SCAN_H

#include "base/mask_match.h"
#include "base/vec.h"

/* Text with the line breaks taken out that an encoder put into it. */
struct joint {
	size_t joined;          /* from this byte of the joined text on … */
	size_t original;        /* … it is the text from this byte on */
};

struct view {
	const char *s;          /* `text`, or the text as it is */
	size_t n;
	char *text;
	VEC(struct joint) joints;
};

/* What was found last in a view, and where to go on. */
struct cursor {
	const struct view *view;
	struct hit hit;         /* in bytes of the text as it is */
	size_t next;
	bool valid;
};

/* A text to be searched, as it is and joined. Does not move in memory. */
struct scan {
	const struct matcher *matcher;
	struct view views[2];
	struct cursor cursors[2];
};

/* `run`: what scan_run said of the text that came before. */
void scan_begin(struct scan *sc, const struct matcher *m, const char *s,
    size_t n, size_t run);
/* The next one in order of their beginnings. They may overlap. */
bool scan_next(struct scan *sc, struct hit *hit);
/* Where a secret may have begun that the text is cut in, or its length. */
size_t scan_unfinished(const struct scan *sc);
void scan_end(struct scan *sc);
/* How many characters at the end of s could be an encoder's; `before` stood
 * before s. Counts only as far as it matters. */
size_t scan_run(const char *s, size_t n, size_t before);

#endif
