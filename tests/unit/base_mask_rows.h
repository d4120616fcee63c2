/* A secret in each form, as other programs write it: Python (base64, json,
 * urllib, html, shlex), bash, xxd. */
#define SECRET "p\"w'$\303\274/+\?&<x>y 9~\\z"

static const struct row {
	const char *name, *text, *masked;
} rows[] = {
	{ "raw",
	    "p\"w'$\303\274/+\?&<x>y 9~\\z",
	    "[secret:pw]" },
	{ "base64 0",
	    "cCJ3JyTDvC8rPyY8eD55IDl+XHo=",
	    "[secret:pw]" },
	{ "base64 0 inner",
	    "cCJ3JyTDvC8rPyY8eD55IDl+XHp0YWls",
	    "[secret:pw]p0YWls" },
	{ "base64url 0",
	    "cCJ3JyTDvC8rPyY8eD55IDl-XHo=",
	    "[secret:pw]" },
	{ "base64url 0 inner",
	    "cCJ3JyTDvC8rPyY8eD55IDl-XHp0YWls",
	    "[secret:pw]p0YWls" },
	{ "base64url bare 0",
	    "cCJ3JyTDvC8rPyY8eD55IDl-XHo",
	    "[secret:pw]" },
	{ "base64 1",
	    "YXAidyckw7wvKz8mPHg+eSA5flx6",
	    "YX[secret:pw]" },
	{ "base64 1 inner",
	    "YXAidyckw7wvKz8mPHg+eSA5flx6dGFpbA==",
	    "YX[secret:pw]dGFpbA==" },
	{ "base64url 1",
	    "YXAidyckw7wvKz8mPHg-eSA5flx6",
	    "YX[secret:pw]" },
	{ "base64url 1 inner",
	    "YXAidyckw7wvKz8mPHg-eSA5flx6dGFpbA==",
	    "YX[secret:pw]dGFpbA==" },
	{ "base64url bare 1",
	    "YXAidyckw7wvKz8mPHg-eSA5flx6",
	    "YX[secret:pw]" },
	{ "base64 2",
	    "YWJwIncnJMO8Lys/Jjx4PnkgOX5ceg==",
	    "YWJ[secret:pw]" },
	{ "base64 2 inner",
	    "YWJwIncnJMO8Lys/Jjx4PnkgOX5cenRhaWw=",
	    "YWJ[secret:pw]nRhaWw=" },
	{ "base64url 2",
	    "YWJwIncnJMO8Lys_Jjx4PnkgOX5ceg==",
	    "YWJ[secret:pw]" },
	{ "base64url 2 inner",
	    "YWJwIncnJMO8Lys_Jjx4PnkgOX5cenRhaWw=",
	    "YWJ[secret:pw]nRhaWw=" },
	{ "base64url bare 2",
	    "YWJwIncnJMO8Lys_Jjx4PnkgOX5ceg",
	    "YWJ[secret:pw]" },
	{ "base64 -w 20",
	    "UVFRUVFRUVFRUVFRUVFR\nUVFRUVFwIncnJMO8Lys/\nJjx4PnkgOX5celJS"
	    "UlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUl"
	    "JSUlJSUlJS\nUlJSUlJSUlJSUg==",
	    "UVFRUVFRUVFRUVFRUVFR\nUVFRUVF[secret:pw]lJSUlJS\nUlJSUlJSUlJ"
	    "SUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSU"
	    "lJSUlJSUg==" },
	{ "base64 -w 64",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUXAidyckw7wvKz8mPHg+"
	    "eSA5\nflx6UlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUl"
	    "JSUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUX[secret:pw]UlJSUlJ"
	    "SUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJS\nUlJSU"
	    "lJSUlJSUlJSUlJS" },
	{ "base64 -w 64",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFw"
	    "Incn\r\nJMO8Lys/Jjx4PnkgOX5celJSUlJSUlJSUlJSUlJSUlJSUlJSUlJS"
	    "UlJSUlJSUlJS\r\nUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUg==",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVF["
	    "secret:pw]lJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJS\r\nUlJ"
	    "SUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUg==" },
	{ "base64 -w 76",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFR"
	    "cCJ3JyTDvC8rPyY8\n    eD55IDl+XHpSUlJSUlJSUlJSUlJSUlJSUlJSUl"
	    "JSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJS\n    UlJSUlJSUlJSUlI=",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFR"
	    "[secret:pw]pSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJ"
	    "SUlJSUlJSUlJSUlJS\n    UlJSUlJSUlJSUlI=" },
	{ "base64 -w 76",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFR"
	    "UVFRUVFRUVFRUVFR\r\n\011cCJ3JyTDvC8rPyY8eD55IDl+XHpSUlJSUlJS"
	    "UlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJS\r\n\011UlJSUlJSUlJS"
	    "UlJSUlJSUlJSUlJSUlI=",
	    "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFR"
	    "UVFRUVFRUVFRUVFR\r\n\011[secret:pw]pSUlJSUlJSUlJSUlJSUlJSUlJ"
	    "SUlJSUlJSUlJSUlJSUlJSUlJS\r\n\011UlJSUlJSUlJSUlJSUlJSUlJSUlJ"
	    "SUlI=" },
	{ "base64 -w 20",
	    "UVFRUVFRUVFRUVFRUVFR\ncCJ3JyTDvC8rPyY8eD55\nIDl+XHpSUlJSUlJS"
	    "UlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUl"
	    "JSUlJSUlJS\nUlJSUlI=",
	    "UVFRUVFRUVFRUVFRUVFR\n[secret:pw]pSUlJSUlJSUlJS\nUlJSUlJSUlJ"
	    "SUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSUlJSUlJSUlJSUlJS\nUlJSU"
	    "lI=" },
	{ "hex",
	    "7022772724c3bc2f2b3f263c783e7920397e5c7a",
	    "[secret:pw]" },
	{ "HEX",
	    "7022772724C3BC2F2B3F263C783E7920397E5C7A",
	    "[secret:pw]" },
	{ "xxd -p",
	    "414141414141414141414141414141414141414141414141417022772724"
	    "\nc3bc2f2b3f263c783e7920397e5c7a",
	    "41414141414141414141414141414141414141414141414141[secret:pw"
	    "]" },
	{ "url",
	    "p%22w%27%24%C3%BC%2F%2B%3F%26%3Cx%3Ey%209~%5Cz",
	    "[secret:pw]" },
	{ "url lower",
	    "p%22w%27%24%c3%bc%2f%2b%3f%26%3cx%3ey%209~%5cz",
	    "[secret:pw]" },
	{ "url plus",
	    "p%22w%27%24%C3%BC%2F%2B%3F%26%3Cx%3Ey+9~%5Cz",
	    "[secret:pw]" },
	{ "encodeURI",
	    "p%22w'$%C3%BC/+\?&%3Cx%3Ey%209~%5Cz",
	    "[secret:pw]" },
	{ "url strict",
	    "p%22w%27%24%C3%BC%2F%2B%3F%26%3Cx%3Ey%209%7E%5Cz",
	    "[secret:pw]" },
	{ "json",
	    "p\\\"w'$\303\274/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "json ascii",
	    "p\\\"w'$\\u00fc/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "json upper",
	    "p\\\"w'$\\u00FC/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "json slash",
	    "p\\\"w'$\303\274\\/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "json html",
	    "p\\\"w\\u0027$\303\274/+\?\\u0026\\u003cx\\u003ey 9~\\\\z",
	    "[secret:pw]" },
	{ "shell quoted",
	    "p\"w'\\''$\303\274/+\?&<x>y 9~\\z",
	    "[secret:pw]" },
	{ "shlex",
	    "'p\"w'\"'\"'$\303\274/+\?&<x>y 9~\\z'",
	    "'[secret:pw]'" },
	{ "printf %q",
	    "p\\\"w\\'\\$\303\274/+\\\?\\&\\<x\\>y\\ 9~\\\\z",
	    "[secret:pw]" },
	{ "double quotes",
	    "p\\\"w'\\$\303\274/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "ansi-c",
	    "$'p\"w\\'$\303\274/+\?&<x>y 9~\\\\z'",
	    "$'[secret:pw]'" },
	{ "ansi-c octal",
	    "p\"w\\'$\\303\\274/+\?&<x>y 9~\\\\z",
	    "[secret:pw]" },
	{ "html",
	    "p&quot;w&#x27;$\303\274/+\?&amp;&lt;x&gt;y 9~\\z",
	    "[secret:pw]" },
	{ "html quote=False",
	    "p\"w'$\303\274/+\?&amp;&lt;x&gt;y 9~\\z",
	    "[secret:pw]" },
	{ "html apos",
	    "p&quot;w&apos;$\303\274/+\?&amp;&lt;x&gt;y 9~\\z",
	    "[secret:pw]" },
	{ "html php",
	    "p&quot;w&#039;$\303\274/+\?&amp;&lt;x&gt;y 9~\\z",
	    "[secret:pw]" },
	{ "html go",
	    "p&#34;w&#39;$\303\274/+\?&amp;&lt;x&gt;y 9~\\z",
	    "[secret:pw]" },
};
