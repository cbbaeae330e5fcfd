// SPDX-License-Identifier: LGPL-2.1-or-later
/* Patches are loaded into this very program and called. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "self_patch.h"

static struct loaded patch;

#define call(loaded, type, name, ...) ((type)function(loaded, name))(__VA_ARGS__)
typedef int (*fn_v)(void);
typedef int (*fn_i)(int);
typedef int (*fn_ii)(int, int);
typedef int (*fn_s)(const char *);
typedef long (*fn_sl)(const char *);
typedef const char *(*fn_is)(int);

static struct loaded patch;

static void check_all_calls(struct loaded *loaded)
{
	private_counter = 1000;
	private_thread_word = 5;
	assert_int_equal(call(loaded, fn_i, "call_private", 2), 1003);
	assert_int_equal(call(loaded, fn_i, "set_private", 7), 7);
	assert_int_equal(private_counter, 7);
	assert_int_equal(call(loaded, fn_v, "next_own"), 42);
	assert_int_equal(call(loaded, fn_v, "next_own"), 44);
	assert_string_equal(call(loaded, fn_is, "name_of", 2), "two");
	assert_int_equal(call(loaded, fn_ii, "by_table", 0, 21), 42);
	assert_int_equal(call(loaded, fn_ii, "by_table", 1, 21), 63);
	assert_int_equal(call(loaded, fn_s, "length", "four"), 4);
	assert_int_equal(call(loaded, fn_sl, "parse", "123"), 123);
	assert_int_equal(call(loaded, fn_i, "thread_word", 3), 8);
	assert_int_equal(private_thread_word, 8);
	assert_int_equal(call(loaded, fn_v, "weak"), -1);
	assert_int_equal(call(loaded, fn_i, "pick", 4), 77);
	assert_int_equal(call(loaded, fn_i, "pick", 6), 84);
}

static void loads_and_calls(void **state)
{
	(void)state;
	make(&patch, source, "", "call_private", true);
	assert_int_equal(load(&patch), 0);
	check_all_calls(&patch);
	unload(&patch);
}

static void loads_other_code_models(void **state)
{
	static const char *const flags[] = {
		"-fno-plt",
		"-ffunction-sections -fdata-sections",
		"-O0",
		"-fno-jump-tables -Os",
		"-fcf-protection=full -g",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		make(&patch, source, flags[i], "call_private", true);
		assert_int_equal(load(&patch), 0);
		check_all_calls(&patch);
		unload(&patch);
	}
}

static void *thread_word_thread(void *address)
{
	private_thread_word = 70;
	return (void *)(long)((fn_i)address)(7);
}

static void thread_local_initial_exec(void **state)
{
	pthread_t thread;
	void *result;

	(void)state;
	make(&patch, source, "-ftls-model=initial-exec", "call_private", true);
	assert_int_equal(load(&patch), 0);
	check_all_calls(&patch);
	pthread_create(&thread, NULL, thread_word_thread, function(&patch, "thread_word"));
	pthread_join(thread, &result);
	assert_int_equal((long)result, 77);
	assert_int_equal(private_thread_word, 8);
	unload(&patch);
}

static void backtrace_passes_through(void **state)
{
	int own = private_backtrace();

	(void)state;
	make(&patch, source, "-fno-optimize-sibling-calls", "call_private", true);
	assert_int_equal(load(&patch), 0);
	assert_non_null(patch.image.pieces[0].frames);
	assert_true(patch.image.pieces[0].eh_frame_size > 0);
	assert_int_equal(call(&patch, fn_v, "walk"), own + 1);
	unload(&patch);
}

static void versioned_symbol(void **state)
{
	(void)state;
	make(&patch,
	     "extern int copy(int); asm(\".symver copy, abs@GLIBC_2.2.5\");\n"
	     "int f(int x) { return copy(x); }\n",
	     "", "f", false);
	assert_int_equal(load(&patch), 0);
	assert_int_equal(call(&patch, fn_i, "f", -4), 4);
	unload(&patch);
	make(&patch,
	     "extern int copy(int); asm(\".symver copy, abs@GLIBC_9.9\");\n"
	     "int f(int x) { return copy(x); }\n",
	     "", "f", false);
	assert_int_equal(load(&patch), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_NO_SUCH_SYMBOL);
	lp_patch_file_close(&patch.file);
	lp_free(patch.objects);
}

static void missing_symbols_are_all_named(void **state)
{
	(void)state;
	make(&patch,
	     "extern int gone_a(void), gone_b(void);\n"
	     "int f(void) { return gone_a() + gone_b(); }\n",
	     "", "f", false);
	assert_int_equal(load(&patch), -ECANCELED);
	assert_int_equal(patch.report.total, 2);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_NO_SUCH_SYMBOL);
	assert_string_equal(patch.refusals[0].function, "gone_a");
	assert_string_equal(patch.refusals[1].function, "gone_b");
	assert_string_equal(patch.refusals[0].patch, "test-patch");
	lp_patch_file_close(&patch.file);
	lp_free(patch.objects);
}

static void livepatch_symbol_outside_its_object(void **state)
{
	struct bound bound = { "private_counter", 1ul << 40, STT_OBJECT };

	(void)state;
	make(&patch, "extern int private_counter; int f(void) { return private_counter; }", "", "f",
	     false);
	builder_bind(&patch.built, &bound);
	assert_int_equal(load(&patch), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_BAD_FILE);
	lp_patch_file_close(&patch.file);
	lp_free(patch.objects);
}

static void bad_eh_frame_is_refused(void **state)
{
	Elf64_Shdr *section;

	(void)state;
	make(&patch, "int f(void) { return 1; }", "", "f", false);
	section = builder_section(&patch.built, ".eh_frame");
	patch.built.bytes[section->sh_offset] = 0xf0; /* a record longer than the section */
	assert_int_equal(load(&patch), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_BAD_FILE);
	assert_string_equal(patch.refusals[0].function, ".eh_frame");
	lp_patch_file_close(&patch.file);
	lp_free(patch.objects);
}

/* A sanitizer maps memory of its own as it goes. */
static bool is_mine(const char *line)
{
#ifdef __SANITIZE_ADDRESS__
	return strstr(line, "suture-code");
#else
	return !strstr(line, "[heap]") && !strstr(line, "[stack]");
#endif
}

/* The lines of /proc/self/maps, without the heap of malloc, which is not ours. */
static char *maps_text(void)
{
	char *text = calloc(1, 1 << 20), line[8192];
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t size = 0;

	while (fgets(line, sizeof(line), maps))
		if (is_mine(line))
			size += (size_t)sprintf(text + size, "%s", line);
	fclose(maps);
	return text;
}

static int count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void pages_are_never_writable_and_executable(void **state)
{
	const struct lp_near *range;
	unsigned long lo, hi;
	int readable = 0, writable = 0, executable = 0;
	char *text, perms[5];

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	make(&patch, source, "", "call_private", true);
	assert_int_equal(load(&patch), 0);
	assert_int_equal(patch.image.n_pieces, 1);
	range = &patch.image.pieces[0].range;
	text = maps_text();
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(sscanf(line, "%lx-%lx %4s", &lo, &hi, perms), 3);
		if (lo < range->addr || lo >= range->addr + range->size)
			continue;
		readable += !strcmp(perms, "r--p");
		writable += !strcmp(perms, "rw-p");
		executable += !strcmp(perms, "r-xs");
	}
	assert_int_equal(readable, 1);
	assert_int_equal(writable, 1);
	assert_int_equal(executable, 1);
	assert_true(range->addr + range->size - patch.target[0]->lo < (2ul << 30) ||
		    patch.target[0]->hi - range->addr < (2ul << 30));
	free(text);
	unload(&patch);
}

#ifdef LP_FAULTS
static int try_once(struct loaded *loaded)
{
	const char *why;
	int fd = builder_file(loaded->built.bytes, loaded->built.size);
	size_t count;
	int ret = -ENOMEM;

	loaded->objects = lp_objects_list(&count);
	if (loaded->objects) {
		loaded->target[0] = lp_objects_find(loaded->objects, count, NULL);
		loaded->report.total = 0;
		ret = lp_patch_file_open(&loaded->file, fd, &why);
	}
	if (!ret) {
		ret = lp_image_load(&loaded->image, &loaded->file, loaded->target, NULL,
				    &loaded->report);
		if (!ret)
			lp_image_unload(&loaded->image);
		lp_patch_file_close(&loaded->file);
	}
	lp_free(loaded->objects);
	lp_alloc_deinit();
	close(fd);
	return ret;
}

static void every_failing_call_leaves_nothing(void **state)
{
	char *before, *after;
	int fds, failures = 0;

	(void)state;
	make(&patch, source, "", "call_private", true);
	lp_alloc_deinit();
	assert_int_equal(try_once(&patch), 0);
	assert_int_equal(try_once(&patch), 0);
	free(maps_text());
	before = maps_text();
	fds = count_fds();
	for (long n = 1;; n++) {
		int ret;

		lp_sys_fail_at = n;
		ret = try_once(&patch);
		failures += ret < 0;
		after = maps_text();
		assert_string_equal(before, after);
		assert_int_equal(count_fds(), fds);
		free(after);
		if (lp_sys_fail_at > 0)
			break; /* not reached any more */
		assert_true(n < 10000);
	}
	lp_sys_fail_at = 0;
	assert_true(failures > 8);
	assert_int_equal(try_once(&patch), 0);
	free(before);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_and_calls),
		cmocka_unit_test(loads_other_code_models),
		cmocka_unit_test(thread_local_initial_exec),
		cmocka_unit_test(backtrace_passes_through),
		cmocka_unit_test(versioned_symbol),
		cmocka_unit_test(missing_symbols_are_all_named),
		cmocka_unit_test(livepatch_symbol_outside_its_object),
		cmocka_unit_test(bad_eh_frame_is_refused),
		cmocka_unit_test(pages_are_never_writable_and_executable),
#ifdef LP_FAULTS
		cmocka_unit_test(every_failing_call_leaves_nothing),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
