#include "book/table.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"

/* Short rows are filled up with zeros, so cells may be more than bytes. */
#define CELLS_MAX (LIMIT_JSON / sizeof(struct value))
#define BLANKS '\0'        /* a separator: two blanks or more */

struct cell {
	const char *p;
	size_t n;
	size_t from, to;     /* columns on the screen, for BLANKS */
};
struct cells {
	VEC(struct cell) list;
};

struct reader {
	struct arena *arena;
	const char *s, *end;
	char separator;
	bool framed;         /* "| a | b |": bars at both ends */
	unsigned line;
};

static void trim(const char **s, size_t *n)
{
	while (*n && strchr(" \t\r", (*s)[*n - 1]))
		--*n;
	while (*n && (**s == ' ' || **s == '\t'))
		++*s, --*n;
}

static const char *line_end(const struct reader *r)
{
	const char *end = memchr(r->s, '\n', (size_t)(r->end - r->s));

	return end ? end : r->end;
}

static void next_line(struct reader *r, const char *end)
{
	r->s = end < r->end ? end + 1 : end;
	r->line++;
}

static void add_cell(struct cells *cells, const char *s, size_t n)
{
	struct cell cell = { s, n, 0, 0 };

	trim(&cell.p, &cell.n);
	vec_push(&cells->list, cell);
}

/* From behind the opening quote; a doubled quote stands for itself. */
static int read_quoted(struct reader *r, struct cells *cells)
{
	const char *from = r->s, *end = from;
	struct cell cell = { 0 };
	char *to;

	for (;; end += 2) {
		end = memchr(end, '"', (size_t)(r->end - end));
		if (!end)
			return -1;
		if (end + 1 == r->end || end[1] != '"')
			break;
	}
	to = arena_alloc(r->arena, (size_t)(end - from) + 1);
	cell.p = to;
	for (; from < end; from++) {
		r->line += *from == '\n';
		*to++ = *from;
		from += *from == '"';
	}
	cell.n = (size_t)(to - cell.p);
	vec_push(&cells->list, cell);
	r->s = end + 1;
	while (r->s < r->end && (*r->s == ' ' || *r->s == '\r'))
		r->s++;
	return r->s == r->end || *r->s == r->separator || *r->s == '\n' ?
	    0 : -1;
}

static int read_csv(struct reader *r, struct cells *cells)
{
	const char *s, *end;

	for (;;) {
		for (s = r->s; s < r->end && *s == ' ';)
			s++;
		if (s < r->end && *s == '"') {
			r->s = s + 1;
			if (read_quoted(r, cells) < 0)
				return -1;
		} else {
			end = r->s;
			while (end < r->end && *end != r->separator &&
			    *end != '\n')
				end++;
			add_cell(cells, r->s, (size_t)(end - r->s));
			r->s = end;
		}
		if (r->s == r->end || *r->s == '\n')
			break;
		r->s++;
	}
	next_line(r, r->s);
	return 0;
}

static void read_bars(struct reader *r, struct cells *cells)
{
	const char *end = line_end(r), *bar, *s = r->s;
	size_t n = (size_t)(end - s);

	next_line(r, end);
	if (r->framed) {
		trim(&s, &n);
		if (n && *s == '|')
			s++, n--;
		if (n && s[n - 1] == '|')
			n--;
	}
	for (end = s + n;; s = bar + 1) {
		bar = memchr(s, '|', (size_t)(end - s));
		if (!bar)
			break;
		add_cell(cells, s, (size_t)(bar - s));
	}
	add_cell(cells, s, (size_t)(end - s));
}

static void read_blanks(struct reader *r, struct cells *cells)
{
	const char *end = line_end(r), *from, *s = r->s;
	struct cell cell;
	size_t column = 0;

	next_line(r, end);
	while (end > s && strchr(" \t\r", end[-1]))
		end--;
	while (s < end) {
		for (; s < end && *s == ' '; s++)
			column++;
		from = s;
		while (s < end && !(*s == ' ' && s + 1 < end && s[1] == ' '))
			s++;
		cell = (struct cell){ from, (size_t)(s - from), column, 0 };
		column += utf8_count(from, cell.n);
		cell.to = column;
		vec_push(&cells->list, cell);
	}
}

static bool is_digits(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
	}
	return n > 0;
}

/* psql's last line: "(3 rows)" */
static bool is_row_count(const char *s, size_t n)
{
	if (n > 7 && s[0] == '(' && memcmp(s + n - 6, " rows)", 6) == 0)
		return is_digits(s + 1, n - 7);
	return n == 7 && memcmp(s, "(1 row)", 7) == 0;
}

/* A line that is no row: blank, or drawn. */
static bool is_drawn(const struct reader *r)
{
	const char *s = r->s, *drawn = " \t\r|+-=:";
	size_t n = (size_t)(line_end(r) - s), i;
	bool rule = false;

	trim(&s, &n);
	if (n == 0)
		return true;
	if (r->separator != BLANKS && r->separator != '|')
		return false;
	if (is_row_count(s, n))
		return true;
	for (i = 0; i < n; i++) {
		if (!s[i] || !strchr(drawn, s[i]))
			return false;
		/* One dash is what some programs write for "nothing". */
		rule = rule || (i && s[i] == s[i - 1] &&
		    (s[i] == '-' || s[i] == '='));
	}
	return rule;
}

/* 1: a row was read; 0: there is none; -1: a quote has no end. */
static int read_row(struct reader *r, struct cells *cells)
{
	cells->list.n = 0;
	while (r->s < r->end && is_drawn(r))
		next_line(r, line_end(r));
	if (r->s == r->end)
		return 0;
	if (r->separator == BLANKS)
		read_blanks(r, cells);
	else if (r->separator == '|')
		read_bars(r, cells);
	else if (read_csv(r, cells) < 0)
		return -1;
	return 1;
}

/* Number of the column `key`, or the number of columns. */
static size_t find_column(const struct cells *header, const char *key)
{
	size_t n = strlen(key), i;

	for (i = 0; i < header->list.n; i++) {
		if (header->list.v[i].n == n &&
		    memcmp(header->list.v[i].p, key, n) == 0)
			break;
	}
	return i;
}

/* Is this line the header, by some separator? */
static bool try_header(struct reader *r, const char *key,
    struct cells *header)
{
	static const char separators[] = { ',', '\t', ';', '|', BLANKS };
	const char *end = line_end(r), *s = r->s;
	size_t i, n = (size_t)(end - s);
	struct reader line;

	trim(&s, &n);
	for (i = 0; i < sizeof separators; i++) {
		line = *r;
		line.end = end;
		line.separator = separators[i];
		line.framed = n && *s == '|' && separators[i] == '|';
		if (read_row(&line, header) <= 0 ||
		    find_column(header, key) == header->list.n)
			continue;
		r->separator = line.separator;
		r->framed = line.framed;
		next_line(r, end);
		return true;
	}
	return false;
}

static int find_header(struct reader *r, const char *key,
    struct cells *header, struct err *err)
{
	const char *end;
	size_t n;

	for (;;) {
		end = line_end(r);
		n = (size_t)(end - r->s);
		/* Most lines before a table do not even hold the word. */
		if (memmem(r->s, n, key, strlen(key)) &&
		    try_header(r, key, header))
			return 0;
		if (end == r->end)
			return err_set(err, "no line has a column '%s'", key);
		next_line(r, end);
	}
}

static int check_header(const struct cells *header, struct err *err)
{
	struct arena *a = arena_new();
	struct value_map names = { .arena = a };
	const struct cell *c = header->list.v;
	size_t i;

	for (i = 0; i < header->list.n; i++)
		value_map_put(&names, c[i].p, c[i].n, value_null());
	if (names.n < header->list.n)
		err_set(err, "two columns have one name");
	arena_free(a);
	return err->set ? -1 : 0;
}

/* The header that stands above a cell; -1: none, or several. */
static int column_above(const struct cells *header, const struct cell *cell,
    size_t *column)
{
	const struct cell *h = header->list.v;
	size_t i, found = header->list.n;

	for (i = 0; i < header->list.n; i++) {
		if (cell->from >= h[i].to || cell->to <= h[i].from)
			continue;
		if (found < header->list.n)
			return -1;
		found = i;
	}
	*column = found;
	return found < header->list.n ? 0 : -1;
}

/* Puts the cells of a row with gaps below their headers. */
static int align(const struct cells *header, struct cells *cells,
    unsigned line, struct err *err)
{
	struct cells placed = { { 0 } };
	size_t i, column, next = 0;

	for (i = 0; i < header->list.n; i++)
		vec_push(&placed.list, ((struct cell){ "", 0, 0, 0 }));
	for (i = 0; i < cells->list.n; i++) {
		if (column_above(header, &cells->list.v[i], &column) < 0 ||
		    column < next) {
			vec_free(&placed.list);
			return err_set(err, "line %u: it cannot be told to "
			    "which column '%.*s' belongs", line,
			    (int)cells->list.v[i].n, cells->list.v[i].p);
		}
		placed.list.v[column] = cells->list.v[i];
		next = column + 1;
	}
	vec_free(&cells->list);
	*cells = placed;
	return 0;
}

static struct value cell_value(struct arena *a, const struct cell *cell)
{
	int64_t i;

	if (cell->n == 0)
		return value_int(0);
	if (parse_int(cell->p, cell->n, &i) == 0)
		return value_int(i);
	return value_string(a, cell->p, cell->n);
}

static struct value row_value(struct arena *a, const struct cells *header,
    const struct cells *cells, size_t key)
{
	struct value_map row = { .arena = a };
	const struct cell *h = header->list.v;
	size_t i;

	for (i = 0; i < header->list.n; i++) {
		if (i != key)
			value_map_put(&row, h[i].p, h[i].n,
			    i < cells->list.n ?
			    cell_value(a, &cells->list.v[i]) : value_int(0));
	}
	return value_map_done(&row);
}

static int check_row(const struct reader *r, const struct cells *header,
    struct cells *cells, unsigned line, struct err *err)
{
	size_t n = cells->list.n, columns = header->list.n;

	if (n > columns)
		return err_set(err, "line %u has %zu cells, the header %zu",
		    line, n, columns);
	if (n == 1 && columns > 1)
		return err_set(err, "line %u is no row of the table: it has "
		    "one cell only", line);
	if (n < columns && r->separator == BLANKS)
		return align(header, cells, line, err);
	return 0;
}

static int read_rows(struct reader *r, const struct cells *header, size_t key,
    struct cells *cells, struct value_map *table, struct err *err)
{
	size_t total = 0, before;
	const struct cell *name;
	unsigned line;
	int status;

	for (;;) {
		status = read_row(r, cells);
		line = r->line - 1;
		if (status < 0)
			return err_set(err, "line %u: a quote is not closed",
			    r->line);
		if (status == 0)
			return 0;
		if (check_row(r, header, cells, line, err) < 0)
			return -1;
		total += header->list.n;
		if (total > CELLS_MAX)
			return err_set(err, "the table has more than %zu "
			    "cells", CELLS_MAX);
		name = &cells->list.v[key < cells->list.n ? key : 0];
		before = table->n;
		value_map_put(table, name->p, name->n,
		    row_value(r->arena, header, cells, key));
		if (table->n == before)
			return err_set(err, "line %u: a second row '%.*s'",
			    line, (int)name->n, name->p);
	}
}

int table_parse(struct arena *a, const char *s, size_t n, const char *key,
    struct value *out, struct err *err)
{
	struct reader r = { .arena = a, .s = s, .end = s + n, .line = 1 };
	struct cells header = { { 0 } }, cells = { { 0 } };
	struct value_map table = { .arena = a };
	int status;

	if (n && memchr(s, '\0', n))
		return err_set(err, "the text holds a NUL byte");
	if (!*key)
		return err_set(err, "the name of the key column is empty");
	status = find_header(&r, key, &header, err);
	if (status == 0)
		status = check_header(&header, err);
	if (status == 0)
		status = read_rows(&r, &header, find_column(&header, key),
		    &cells, &table, err);
	if (status == 0)
		*out = value_map_done(&table);
	vec_free(&header.list);
	vec_free(&cells.list);
	return status;
}
