/* Every ceiling of the program, in one list (security.md L1). */
#ifndef CAIRN_BASE_LIMITS_H
#define CAIRN_BASE_LIMITS_H

#include <stddef.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* reading a book */
#define LIMIT_BOOK_FILE (8 * MIB)
#define LIMIT_BOOK_FILES 1000
#define LIMIT_YAML_DEPTH 64
#define LIMIT_YAML_ALIAS_NODES 100000

/* expressions */
#define LIMIT_EXPR_STEPS 1000000
#define LIMIT_EXPR_RESULT (64 * MIB)
#define LIMIT_EXPR_DEPTH 100
#define LIMIT_JSON (64 * MIB)
#define LIMIT_JSON_DEPTH 64

/* patterns: about a second at worst, then "cannot tell" */
#define LIMIT_RX_MATCH 10000000
#define LIMIT_RX_DEPTH 1000000
#define LIMIT_RX_HEAP_KIB (64 * 1024)

/* output of jobs */
#define LIMIT_OUT_IN_EXPR (1 * MIB)      /* self.out beyond: cannot tell */
#define LIMIT_OUT_IN_RECORD (4 * KIB)    /* more goes to a file in log/ */
#define LIMIT_LINE (1 * MIB)
#define LIMIT_CAPTURE (1 * MIB)
#define LIMIT_EVIDENCE (4 * KIB)
#define LIMIT_WORKER_RESULT (64 * MIB)
#define LIMIT_HTTP_BODY (64 * MIB)
#define LIMIT_HTTP_HEADERS (256 * KIB)
#define LIMIT_STDIN (64 * MIB)

/* journal and inbox */
#define LIMIT_RECORD (16 * MIB)
#define LIMIT_VALUE_IN_RECORD (16 * KIB)
#define LIMIT_INBOX_FILE (64 * KIB)
#define LIMIT_INBOX_TURN 64
#define JOURNAL_RESERVE (1 * MIB)

/* secrets */
#define LIMIT_SECRET (64 * KIB)
#define SECRET_MIN 8                      /* shorter needs `weak: true` */

#define LIMIT_NAME 64                     /* names that a book declares */

#endif
