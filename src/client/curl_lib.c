#include "client/curl_lib.h"

#include <dlfcn.h>
#include <string.h>

#include "base/err.h"

/* The name of its ABI since 2006 (libcurl's VERSIONINFO). */
#define SONAME "libcurl.so.4"

static int
find(void *handle, const char *name, void *out, struct err *err)
{
	void *symbol = dlsym(handle, name);

	if (symbol == NULL)
		return err_set(err, "%s has no %s", SONAME, name);
	/* POSIX has functions and objects alike here, ISO C does not */
	memcpy(out, &symbol, sizeof symbol);
	return 0;
}

int
curl_lib_load(struct curl_lib *out, struct err *err)
{
	void *handle = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		err_set(err, "%s cannot be loaded: %s", SONAME, dlerror());
		return err_hint(err, "apt-get install libcurl4");
	}
#define CURL_LIB_FIND(name) \
	if (find(handle, #name, &out->name, err) != 0) \
		return -1;
	CURL_LIB_FUNCTIONS(CURL_LIB_FIND)
#undef CURL_LIB_FIND
	return 0;
}
