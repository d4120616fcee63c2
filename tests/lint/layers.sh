#!/bin/sh
# Who may include whom: design.md 7. A folder of src/ is a layer; each line
# names a layer, the layers it may include besides itself, and the libraries.
set -eu
src=${srcdir:-.}/src
bad=$(for f in "$src"/*/*.[ch]; do
	layer=${f%/*}; layer=${layer##*/}
	sed -n 's/^#include "\([a-z]*\)\/\([a-z_0-9]*\.h\)".*/\1 \2/p' "$f" |
	    sed "s|^|$f $layer |"
done | awk '
BEGIN {
	allow["base"] = ""
	allow["yaml"] = "base"
	allow["book"] = "base yaml"
	allow["plan"] = "base book"
	allow["journal"] = "base"
	allow["job"] = "base"
	allow["link"] = "base job"
	allow["client"] = "base"
	# a kind may have types of its own for the values of its keys
	allow["kind"] = "base yaml book job client"
	allow["engine"] = "base book plan journal job link kind"
	allow["report"] = "base plan journal"
	allow["cli"] = "base yaml book plan journal job link kind engine report"
}
{
	ok = $2 == $3
	n = split(allow[$2], a, " ")
	for (i = 1; i <= n; i++)
		ok = ok || a[i] == $3
	# the engine knows kinds by their interface only
	if ($2 == "engine" && $3 == "kind" && $4 != "kind.h")
		ok = 0
	# viewers and reports see no yaml nodes, the engine neither
	if (!ok)
		print $1 ": " $2 "/ may not include " $3 "/" $4
}')
libs=$(grep -Hn '^#include <' "$src"/*/*.[ch] | awk -F: '
BEGIN {
	where["yaml.h"] = "/yaml/"
	where["pcre2.h"] = "/base/rx"
	where["curl/curl.h"] = "/client/"
	where["jansson.h"] = "/(book|journal|job|kind|engine|report|cli|plan)/"
	where["openssl/evp.h"] = "/base/digest"
}
{
	h = $3
	sub(/^#include </, "", h); sub(/>.*/, "", h)
	if (h in where && $1 !~ where[h])
		print $1 ":" $2 ": <" h "> belongs to src" where[h]
}')
all="$bad$libs"
if [ -n "$all" ]; then
	printf '%s\n' "$bad" "$libs"
	exit 1
fi
