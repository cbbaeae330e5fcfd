/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "disk.h"
#include "record.h"
#include "recorder.h"

/* One record, as it lies in the log. */
struct run {
	const char *program;
	const char *cwd;
	struct lp_words arguments; /* with the text of response files in their places */
	struct lp_words environment;
};

/* The strings behind a header. */
struct strings {
	const char *at, *end;
};

static const char *next_string(struct strings *strings)
{
	const char *string = strings->at;
	const char *nul = memchr(string, '\0', (size_t)(strings->end - string));

	if (!nul)
		return NULL;
	strings->at = nul + 1;
	return string;
}

static bool skip_strings(struct strings *strings, uint32_t count)
{
	while (count--)
		if (!next_string(strings))
			return false;
	return true;
}

/* The arguments come before the environment, the response files behind it. */
static int read_arguments(struct run *run, struct strings arguments, struct strings responses,
			  uint32_t count)
{
	while (count--) {
		const char *argument = next_string(&arguments);
		const char *response = *argument == '@' ? next_string(&responses) : NULL;

		if (*argument == '@' && !response)
			return -EBADMSG;
		if (response && *response == '+')
			lp_words_split(&run->arguments, response + 1);
		else
			lp_words_add(&run->arguments, argument);
	}
	return 0;
}

static int read_run(struct run *run, const struct lp_recorder_header *header, const char *bytes)
{
	struct strings strings = { bytes + sizeof(*header), bytes + header->size }, arguments;
	int err;

	run->program = next_string(&strings);
	run->cwd = run->program ? next_string(&strings) : NULL;
	arguments = strings;
	if (!run->cwd || !skip_strings(&strings, header->n_arguments))
		return -EBADMSG;
	for (uint32_t i = 0; i < header->n_variables; i++) {
		const char *variable = next_string(&strings);

		if (!variable)
			return -EBADMSG;
		lp_words_add(&run->environment, variable);
	}
	err = read_arguments(run, arguments, strings, header->n_arguments);
	if (!err && (run->arguments.failed || run->environment.failed))
		err = -ENOMEM;
	return err;
}

/* What configure scripts try out: gone by now, or without a meaning. */
static bool is_trial(const char *path)
{
	static const char *const parts[] = { "/conftest.", "/CMakeScratch/", "/CMakeTmp/",
					     "/CompilerIdC", "/meson-private/" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strstr(path, parts[i]))
			return true;
	return false;
}

/* "src/a.c" -> "a.o" */
static char *default_output(const char *source)
{
	const char *slash = strrchr(source, '/'), *base = slash ? slash + 1 : source;
	const char *dot = strrchr(base, '.');

	return lp_disk_format("%.*s.o", (int)(dot ? dot - base : (long)strlen(base)), base);
}

static char **copy_of(char *const *list)
{
	struct lp_words words = { 0 };

	lp_words_add_all(&words, (const char *const *)list);
	if (!words.list)
		return calloc(1, sizeof(char *));
	if (words.failed)
		lp_words_free(&words);
	return words.list;
}

static void deinit(struct lp_compilation *compilation)
{
	free(compilation->program);
	free(compilation->cwd);
	lp_words_free_list(compilation->arguments);
	lp_words_free_list(compilation->environment);
	free(compilation->language);
	free(compilation->source_argument);
	free(compilation->source);
	free(compilation->output_argument);
	free(compilation->output);
}

static int init(struct lp_compilation *compilation, const struct run *run,
		const struct lp_cmdline *cmdline, const struct lp_cmdline_source *source)
{
	const char *link_output = cmdline->output ? cmdline->output : "a.out";
	struct lp_compilation made = {
		.program = strdup(run->program),
		.cwd = strdup(run->cwd),
		.arguments = copy_of(cmdline->options.list),
		.environment = copy_of(run->environment.list),
		.language = source->language ? strdup(source->language) : NULL,
		.source_argument = strdup(source->name),
		.source = lp_disk_absolute(run->cwd, source->name),
		.links = !cmdline->compiles,
		.assembler = source->assembler,
		.lto = cmdline->lto,
	};

	if (cmdline->compiles)
		made.output_argument = cmdline->output ? strdup(cmdline->output) :
							 default_output(source->name);
	if (made.links || made.output_argument)
		made.output = lp_disk_absolute(run->cwd,
					       made.links ? link_output : made.output_argument);
	if (made.program && made.cwd && made.arguments && made.environment &&
	    (made.language || !source->language) && made.source_argument && made.source &&
	    made.output) {
		*compilation = made;
		return 0;
	}
	deinit(&made);
	return -ENOMEM;
}

static int add(struct lp_compilations *compilations, struct lp_compilation *compilation)
{
	struct lp_compilation *list;

	/* few and in any order: one of the same replaces the earlier */
	for (size_t i = 0; i < compilations->count; i++) {
		if (lp_compilation_compare(&compilations->list[i], compilation))
			continue;
		deinit(&compilations->list[i]);
		compilations->list[i] = *compilation;
		return 0;
	}
	list = realloc(compilations->list, (compilations->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	compilations->list = list;
	list[compilations->count++] = *compilation;
	return 0;
}

static int add_run(struct lp_compilations *compilations, const struct run *run)
{
	struct lp_cmdline cmdline;
	int err;

	if (!run->arguments.list)
		return -EBADMSG;
	err = lp_cmdline_read(&cmdline, (const char *const *)run->arguments.list);
	if (err)
		return err;
	for (size_t i = 0; !err && !cmdline.stops_early && i < cmdline.n_sources; i++) {
		struct lp_compilation compilation;

		err = init(&compilation, run, &cmdline, &cmdline.sources[i]);
		if (err)
			break;
		if (is_trial(compilation.source) || lp_disk_below(compilation.output, "/dev")) {
			deinit(&compilation);
			continue;
		}
		err = add(compilations, &compilation);
		if (err)
			deinit(&compilation);
	}
	lp_cmdline_free(&cmdline);
	return err;
}

static int read_log(struct lp_compilations *compilations, const char *bytes, size_t size)
{
	while (size) {
		struct lp_recorder_header header;
		struct run run = { 0 };
		int err = 0;

		if (size < sizeof(header))
			return -EBADMSG;
		memcpy(&header, bytes, sizeof(header));
		if (header.magic != LP_RECORDER_MAGIC || header.size < sizeof(header) ||
		    header.size > size)
			return -EBADMSG;
		err = read_run(&run, &header, bytes);
		err = err ? err : add_run(compilations, &run);
		lp_words_free(&run.arguments);
		lp_words_free(&run.environment);
		if (err)
			return err;
		bytes += header.size;
		size -= header.size;
	}
	return 0;
}

int lp_compilation_compare(const struct lp_compilation *a, const struct lp_compilation *b)
{
	int order = strcmp(a->output, b->output);

	return order ? order : strcmp(a->source, b->source);
}

static int compare(const void *a, const void *b)
{
	return lp_compilation_compare(a, b);
}

int lp_compilations_read(struct lp_compilations *compilations, const char *log)
{
	struct lp_compilations made = { 0 };
	char *bytes;
	size_t size;
	int err = lp_disk_read(log, &bytes, &size);

	if (err == -ENOENT) {
		*compilations = made;
		return 0;
	}
	if (err)
		return err;
	err = read_log(&made, bytes, size);
	free(bytes);
	if (err) {
		lp_compilations_free(&made);
		return err;
	}
	if (made.count)
		qsort(made.list, made.count, sizeof(*made.list), compare);
	*compilations = made;
	return 0;
}

void lp_compilations_free(struct lp_compilations *compilations)
{
	for (size_t i = 0; i < compilations->count; i++)
		deinit(&compilations->list[i]);
	free(compilations->list);
	*compilations = (struct lp_compilations){ 0 };
}
