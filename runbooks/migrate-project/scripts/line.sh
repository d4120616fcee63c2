# sh -s -- FILE LINE present|absent. Shows what it changes; the file is replaced as a whole or not at all.
set -eu
file=$1 line=$2 state=$3
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
cp -p "$file" "$new"                                     # for owner and mode
grep -vxF -e "$line" -- "$file" >"$new" || test $? -eq 1
test "$state" = absent || printf '%s\n' "$line" >>"$new"
diff -u "$file" "$new" || test $? -eq 1
mv -f "$new" "$file"
