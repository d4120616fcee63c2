/* What every unit test of the lower layers needs. */
#ifndef CAIRN_TESTS_BASE_TEST_H
#define CAIRN_TESTS_BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof (array) / sizeof *(array))

#endif
