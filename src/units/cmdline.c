/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "disk.h"

enum language { NOT_OURS, C_LIKE, ASSEMBLER };

/* "Option Summary" of the manuals of gcc and clang: the argument is the next word */
static const char *const takes_next[] = {
	"-o",
	"-x",
	"-D",
	"-U",
	"-I",
	"-L",
	"-l",
	"-A",
	"-B",
	"-F",
	"-G",
	"-T",
	"-V",
	"-b",
	"-e",
	"-h",
	"-u",
	"-z",
	"-MF",
	"-MT",
	"-MQ",
	"-MJ",
	"-include",
	"-imacros",
	"-isystem",
	"-iquote",
	"-idirafter",
	"-iprefix",
	"-iwithprefix",
	"-iwithprefixbefore",
	"-isysroot",
	"-imultilib",
	"-imultiarch",
	"-iframework",
	"-isystem-after",
	"-cxx-isystem",
	"-include-pch",
	"-ivfsoverlay",
	"-Xlinker",
	"-Xassembler",
	"-Xpreprocessor",
	"-Xclang",
	"-Xanalyzer",
	"-mllvm",
	"-aux-info",
	"-dumpbase",
	"-dumpbase-ext",
	"-dumpdir",
	"--param",
	"-framework",
	"-wrapper",
	"-target",
	"-arch",
	"-gcc-toolchain",
	"--sysroot",
	"-specs",
	"-index-store-path",
	"-rpath",
	"-soname",
	"-install_name",
	"-working-directory",
	"--serialize-diagnostics",
};

/* There is no object, or not from here. */
static const char *const stops[] = {
	"-E",	     "-S",	   "-M",	"-MM",	"-fsyntax-only", "-###",
	"--analyze", "-emit-llvm", "-emit-ast", "-cc1", "-cc1as"
};

/* What only writes files beside the object, or is said anew. */
static const char *const drops[] = { "-c",  "-MD",	   "-MMD",	   "-MP",	   "-MG",
				     "-MV", "-save-temps", "--save-temps", "-gsplit-dwarf" };
static const char *const drops_with_next[] = { "-MF", "-MT", "-MQ", "-MJ", "-l" };
static const char *const drop_starts[] = {
	"-MF", "-MT", "-MQ", "-MJ", "-save-temps=", "--save-temps=", "-gsplit-dwarf=", "-l"
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, list[i]))
			return true;
	return false;
}

static bool starts_with(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

static bool starts_like_one(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (starts_with(word, list[i]))
			return true;
	return false;
}

static enum language language_of(const char *name, const char *language)
{
	static const char *const c_names[] = { "c", "cpp-output", "c++", "c++-cpp-output" };
	static const char *const asm_names[] = { "assembler", "assembler-with-cpp" };
	static const char *const c_ends[] = { "c",   "i",   "cc", "cp",	 "cxx",
					      "cpp", "c++", "C",  "CPP", "ii" };
	static const char *const asm_ends[] = { "s", "S", "sx" };
	const char *end = lp_disk_extension(name);

	if (language) {
		if (is_one_of(language, c_names, COUNT(c_names)))
			return C_LIKE;
		return is_one_of(language, asm_names, COUNT(asm_names)) ? ASSEMBLER : NOT_OURS;
	}
	if (is_one_of(end, c_ends, COUNT(c_ends)))
		return C_LIKE;
	return is_one_of(end, asm_ends, COUNT(asm_ends)) ? ASSEMBLER : NOT_OURS;
}

static int add_source(struct lp_cmdline *cmdline, const char *name, const char *language)
{
	enum language kind = language_of(name, language);
	struct lp_cmdline_source *sources;

	/* standard input and the like cannot be read a second time */
	if (kind == NOT_OURS || !strcmp(name, "-") || starts_with(name, "/dev/"))
		return 0;
	sources = realloc(cmdline->sources, (cmdline->n_sources + 1) * sizeof(*sources));
	if (!sources)
		return -ENOMEM;
	cmdline->sources = sources;
	sources[cmdline->n_sources++] = (struct lp_cmdline_source){
		.name = name, .language = language, .assembler = kind == ASSEMBLER
	};
	return 0;
}

/* "-Wp,-MD,file,-DX" -> "-Wp,-DX"; "": nothing is left. NULL: no memory. */
static char *without_dependencies(const char *word)
{
	char *copy = strdup(word), *left = calloc(1, strlen(word) + 1), *save = NULL;
	bool skip = false, first = true;

	for (char *part = copy && left ? strtok_r(copy, ",", &save) : NULL; part;
	     part = strtok_r(NULL, ",", &save)) {
		bool drop = skip;

		/* in here, -MD has the file as its argument */
		skip = !skip &&
		       is_one_of(part, (const char *const[]){ "-MD", "-MMD", "-MF", "-MT", "-MQ" },
				 5);
		if (drop || skip || !strcmp(part, "-MP") || !strcmp(part, "-MG"))
			continue;
		if (!first)
			strcat(left, ",");
		strcat(left, part);
		first = false;
	}
	if (left && !strchr(left, ','))
		*left = '\0';
	free(copy);
	if (!copy) {
		free(left);
		return NULL;
	}
	return left;
}

static void add_preprocessor(struct lp_words *options, const char *word)
{
	char *left = without_dependencies(word);

	if (left && !*left)
		free(left);
	else
		lp_words_take(options, left);
}

/* An option of one word. */
static void read_option(struct lp_cmdline *cmdline, const char *word)
{
	if (is_one_of(word, stops, COUNT(stops)))
		cmdline->stops_early = true;
	if (!strcmp(word, "-c"))
		cmdline->compiles = true;
	if (!strcmp(word, "-flto") || starts_with(word, "-flto="))
		cmdline->lto = true;
	if (!strcmp(word, "-fno-lto"))
		cmdline->lto = false;
	if (starts_with(word, "-Wp,"))
		add_preprocessor(&cmdline->options, word);
	else if (!is_one_of(word, drops, COUNT(drops)) &&
		 !starts_like_one(word, drop_starts, COUNT(drop_starts)))
		lp_words_add(&cmdline->options, word);
}

/* "-o" or "-x": their argument is joined or the next word. */
static const char *argument_of(const char *const **at)
{
	const char *word = **at;

	if (word[2])
		return word + 2;
	if ((*at)[1])
		++*at;
	return **at;
}

int lp_cmdline_read(struct lp_cmdline *cmdline, const char *const *arguments)
{
	const char *const *at = arguments;
	const char *language = NULL;
	int err = 0;

	*cmdline = (struct lp_cmdline){ 0 };
	lp_words_add(&cmdline->options, *at);
	while (!err && *at && *++at) {
		if (starts_with(*at, "-o")) {
			cmdline->output = argument_of(&at);
		} else if (starts_with(*at, "-x")) {
			language = argument_of(&at);
			if (!strcmp(language, "none"))
				language = NULL;
		} else if (**at != '-' || !(*at)[1]) {
			err = add_source(cmdline, *at, language);
		} else if (at[1] && is_one_of(*at, takes_next, COUNT(takes_next))) {
			bool drop = is_one_of(*at, drops_with_next, COUNT(drops_with_next));

			if (!drop)
				lp_words_add(&cmdline->options, *at);
			at++;
			if (!drop)
				lp_words_add(&cmdline->options, *at);
		} else {
			read_option(cmdline, *at);
		}
	}
	if (!err && !cmdline->options.failed)
		return 0;
	lp_cmdline_free(cmdline);
	return -ENOMEM;
}

void lp_cmdline_free(struct lp_cmdline *cmdline)
{
	lp_words_free(&cmdline->options);
	free(cmdline->sources);
	*cmdline = (struct lp_cmdline){ 0 };
}
