/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registers that callers rely on: wrapped replacements are loaded by the agent's loader and called
 * with every register watched.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <unwind.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/image.h"
#include "../../src/agent/object.h"
#include "../../src/build/clobber.h"
#include "../../src/elf/file.h"
#include "pack_case.h"

/* Functions that bind locally, with a caller each; the callers use -fipa-ra. */
static const char victim_source[] =
	"#include <stdarg.h>\n"
	"struct pair { long a; double b; };\n"
	"#define LOCAL static __attribute__((noinline, noclone))\n"
	"static int step = 1;\n"
	"LOCAL int small(int x) { return x + step; }\n"
	"LOCAL double same(double x) { step++; return x; }\n"
	"LOCAL void quiet(void) { step++; }\n"
	"LOCAL long many(long a, long b, long c, long d, long e, long f, long g, long h, char i,\n"
	"	long double j) { return a + b * c - d + e * f + g - h * i + (long)j; }\n"
	"LOCAL struct pair both(long x, double y) { step++; return (struct pair){ x, y }; }\n"
	"LOCAL int variadic(int x, ...) { step += x; return step; }\n"
	"extern int outside(int);\n"
	"LOCAL int calls_out(int x) { return outside(x) + 1; }\n"
	"LOCAL int sum(const int *p, int n) { int s = 0; for (int i = 0; i < n; i++) s += p[i] * i;\n"
	"	return s; }\n"
	"int use_small(int a, int b, int c, int d) { int x = small(a); return x + b * c - d; }\n"
	"double use_same(double a, double b) { return same(a) * b; }\n"
	"int use_quiet(int a) { quiet(); return a; }\n"
	"long use_many(long a, long b) { return many(a, b, a, b, a, b, a, b, 3, 4.0L) + a; }\n"
	"double use_both(long a, double b) { struct pair p = both(a, b); return p.a + p.b + b; }\n"
	"int use_variadic(int a) { return variadic(1) + a; }\n"
	"int use_calls_out(int a) { return calls_out(a) + a; }\n"
	"int use_sum(const int *p, int n) { return sum(p, n) + n; }\n"
	"int exported(int x) { return x + step; }\n";

struct watch {
	const void *function;
	uint64_t in[16], out[16]; /* as the hardware numbers the registers */
	double in_xmm[16][2], out_xmm[16][2];
	const uint64_t *stack;
	uint64_t n_stack; /* even */
};

/* Calls watch->function with all caller-saved registers set, and notes what they are after. */
void call_watched(struct watch *watch);

__asm__(".text\n.globl call_watched\n.type call_watched, @function\ncall_watched:\n"
	".cfi_startproc\n"
	"push %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset 6, -16\n"
	"mov %rsp, %rbp\n.cfi_def_cfa_register 6\n"
	"push %rbx\n.cfi_offset 3, -24\nsub $8, %rsp\n"
	"mov %rdi, %rbx\n"
	"mov 784(%rbx), %rcx\n" /* n_stack */
	"mov 776(%rbx), %rsi\n" /* stack */
	"1: test %rcx, %rcx\nje 2f\ndec %rcx\npush (%rsi,%rcx,8)\njmp 1b\n2:\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"movups 264+16*\\n(%rbx), %xmm\\n\n.endr\n"
	"mov 8(%rbx), %rax\nmov 16(%rbx), %rcx\nmov 24(%rbx), %rdx\n"
	"mov 56(%rbx), %rsi\nmov 64(%rbx), %rdi\nmov 72(%rbx), %r8\nmov 80(%rbx), %r9\n"
	"mov 88(%rbx), %r10\nmov 96(%rbx), %r11\n"
	"call *(%rbx)\n"
	"mov %rax, 136(%rbx)\nmov %rcx, 144(%rbx)\nmov %rdx, 152(%rbx)\n"
	"mov %rsi, 184(%rbx)\nmov %rdi, 192(%rbx)\nmov %r8, 200(%rbx)\nmov %r9, 208(%rbx)\n"
	"mov %r10, 216(%rbx)\nmov %r11, 224(%rbx)\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"movups %xmm\\n, 520+16*\\n(%rbx)\n.endr\n"
	"lea -16(%rbp), %rsp\nadd $8, %rsp\npop %rbx\npop %rbp\n.cfi_def_cfa 7, 8\nret\n"
	".cfi_endproc\n.size call_watched, . - call_watched\n");

_Static_assert(offsetof(struct watch, in_xmm) == 264, "call_watched");
_Static_assert(offsetof(struct watch, out_xmm) == 520, "call_watched");
_Static_assert(offsetof(struct watch, stack) == 776, "call_watched");

struct fixture {
	struct victim_dir dir;
	struct pack_case pack;
	void *library;
	struct lp_object *objects;
	struct lp_image image;
};

static struct fixture fixture;
static const char *const victim[] = { "libkeep.so", NULL };

static int setup(void **state)
{
	char path[256];

	*state = &fixture;
	victim_dir_init(&fixture.dir);
	fixture.pack.dir = &fixture.dir;
	victim_write(&fixture.dir, "keep.c", victim_source);
	assert_int_equal(victim_run(&fixture.dir, "cc -O2 -fPIC -shared -Wl,--build-id keep.c "
						  "-o libkeep.so"),
			 0);
	victim_path(&fixture.dir, "libkeep.so", path, sizeof(path));
	fixture.library = dlopen(path, RTLD_LAZY);
	assert_non_null(fixture.library);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dlclose(fixture.library);
	victim_dir_deinit(&fixture.dir);
	return 0;
}

/* Packs a replacement called "fix", loads it, gives the code that calls are sent to. */
static const void *load(const char *old, const char *head)
{
	struct lp_refusal refusals[4];
	struct lp_report report = { .refusals = refusals, .capacity = 4 };
	const struct lp_object *object;
	char source[4096];
	size_t count;

	snprintf(source, sizeof(source),
		 "#include <suture/livepatch.h>\n%s\n"
		 "static struct klp_func funcs[] = { { \"%s\", fix }, { } };\n"
		 "static struct klp_object objs[] = { { \"libkeep.so\", funcs }, { } };\n"
		 "KLP_PATCH(.objs = objs);\n",
		 head, old);
	pack_open(&fixture.pack, "keep", source, victim);
	fixture.objects = lp_objects_list(&count);
	assert_non_null(fixture.objects);
	object = lp_objects_find(fixture.objects, count, "libkeep.so");
	assert_non_null(object);
	assert_int_equal(lp_image_load(&fixture.image, &fixture.pack.file, &object, NULL, &report),
			 0);
	return (const void *)lp_image_symbol(&fixture.image, &fixture.pack.file,
					     fixture.pack.file.functions[0].new_symbol);
}

static void unload(void)
{
	lp_image_unload(&fixture.image);
	lp_free(fixture.objects);
	pack_close(&fixture.pack);
}

static bool is_wrapped(void)
{
	return strstr(fixture.pack.messages, "wrapper") != NULL;
}

static struct watch watch_make(const void *function)
{
	struct watch watch = { .function = function };

	for (int i = 0; i < 16; i++) {
		watch.in[i] = 0x1111111111110000u + (uint64_t)i;
		watch.in_xmm[i][0] = 1000.5 + i;
		watch.in_xmm[i][1] = -2000.5 - i;
	}
	return watch;
}

/* Every register of the mask must be as it was. */
static void check_kept(const struct watch *watch, uint32_t kept)
{
	for (unsigned int i = 0; i < 16; i++) {
		if ((kept & LP_REG(i)) && watch->in[i] != watch->out[i])
			fail_msg("register %u changed", i);
		if ((kept & LP_XMM(i)) && memcmp(watch->in_xmm[i], watch->out_xmm[i], 16))
			fail_msg("xmm%u changed", i);
	}
}

/* What nobody writes unless told to. */
#define WRITES_ALL                                                                                 \
	"#define WRITE_ALL() __asm__ volatile(\"pxor %%xmm0, %%xmm0\\n\\t\" "                      \
	"\"pxor %%xmm1, %%xmm1\\n\\tpxor %%xmm7, %%xmm7\\n\\tpxor %%xmm15, %%xmm15\\n\\t\" "       \
	"\"xor %%ecx, %%ecx\\n\\txor %%edx, %%edx\\n\\txor %%r8d, %%r8d\\n\\t\" "                  \
	"\"xor %%r9d, %%r9d\\n\\txor %%r10d, %%r10d\\n\\txor %%r11d, %%r11d\\n\\t\" "              \
	"\"xor %%esi, %%esi\\n\\txor %%edi, %%edi\\n\\txor %%eax, %%eax\" ::: \"rax\", \"rcx\", "  \
	"\"rdx\", \"rsi\", \"rdi\", \"r8\", \"r9\", \"r10\", \"r11\", \"xmm0\", \"xmm1\", "        \
	"\"xmm7\", \"xmm15\")\n"

static void test_small_replacement_needs_none(void **state)
{
	(void)state;
	load("small", "static int fix(int x) { return x + 5; }");
	assert_false(is_wrapped());
	unload();
}

static void test_registers_are_kept(void **state)
{
	const void *fix = load("small", WRITES_ALL "static int fix(int x) { WRITE_ALL(); "
						   "return x * 2; }");
	struct watch watch = watch_make(fix);

	(void)state;
	assert_true(is_wrapped());
	watch.in[7] = 21;
	call_watched(&watch);
	assert_int_equal((int)watch.out[0], 42);
	check_kept(&watch, LP_CALLER_SAVED & ~LP_REG_RAX);
	unload();
}

static void test_calls_of_others_are_covered(void **state)
{
	const void *fix = load("small",
			       "#include <stdio.h>\nstatic int fix(int x) "
			       "{ char b[64]; return snprintf(b, sizeof(b), \"%f\", x * 1.5); }");
	struct watch watch = watch_make(fix);

	(void)state;
	assert_true(is_wrapped());
	watch.in[7] = 100;
	call_watched(&watch);
	assert_int_equal((int)watch.out[0], (int)strlen("150.000000"));
	check_kept(&watch, LP_CALLER_SAVED & ~LP_REG_RAX);
	unload();
}

static void test_nothing_is_returned(void **state)
{
	const void *fix = load("quiet", WRITES_ALL "static void fix(void) { WRITE_ALL(); }");
	struct watch watch = watch_make(fix);

	(void)state;
	call_watched(&watch);
	check_kept(&watch, LP_CALLER_SAVED);
	unload();
}

/* The original hands its argument through in xmm0 and does not write it; it is the result. */
static void test_results_are_not_kept(void **state)
{
	const void *fix = load("same", WRITES_ALL "static double fix(double x) { double y = x * 2; "
						  "WRITE_ALL(); return y; }");
	struct watch watch = watch_make(fix);

	(void)state;
	watch.in_xmm[0][0] = 4.25;
	call_watched(&watch);
	assert_true(watch.out_xmm[0][0] == 8.5);
	check_kept(&watch, LP_CALLER_SAVED & ~(LP_REG_RAX | LP_XMM(0)));
	unload();
	fix = load("both", "struct pair { long a; double b; };\n" WRITES_ALL
			   "static struct pair fix(long x, double y) { WRITE_ALL(); "
			   "return (struct pair){ x + 1, y * 2 }; }");
	watch = watch_make(fix);
	watch.in[7] = 6;
	watch.in_xmm[0][0] = 1.5;
	call_watched(&watch);
	assert_int_equal(watch.out[0], 7);
	assert_true(watch.out_xmm[0][0] == 3.0);
	check_kept(&watch, LP_CALLER_SAVED & ~(LP_REG_RAX | LP_XMM(0)));
	unload();
}

static void test_stack_arguments(void **state)
{
	const void *fix = load(
		"many", WRITES_ALL
		"static long fix(long a, long b, long c, long d, long e, long f, long g, long h, "
		"char i, long double j) { long s = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + "
		"7 * g + 8 * h + 9 * i + 10 * (long)j; WRITE_ALL(); return s; }");
	struct watch watch = watch_make(fix);
	uint64_t stack[6] = { 7, 8, 9, 0 };
	long double last = 10;

	(void)state;
	assert_true(is_wrapped());
	memcpy(&stack[4], &last, 10);
	watch.in[7] = 1;
	watch.in[6] = 2;
	watch.in[2] = 3;
	watch.in[1] = 4;
	watch.in[8] = 5;
	watch.in[9] = 6;
	watch.stack = stack;
	watch.n_stack = 6;
	call_watched(&watch);
	assert_int_equal(watch.out[0], 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100);
	/* the original writes what its arguments come in, but no more than that */
	check_kept(&watch, LP_REG(10) | LP_REG(11) | LP_XMM(0) | LP_XMM(7) | LP_XMM(15));
	unload();
}

static void test_originals_that_call_out_need_none(void **state)
{
	(void)state;
	load("calls_out", WRITES_ALL "static int fix(int x) { WRITE_ALL(); return x; }");
	assert_false(is_wrapped());
	unload();
}

/* Only calls that go there directly know what is there. */
static void test_exported_functions_need_none(void **state)
{
	(void)state;
	load("exported", WRITES_ALL "static int fix(int x) { WRITE_ALL(); return x; }");
	assert_false(is_wrapped());
	unload();
}

static void test_unknown_signatures_are_refused(void **state)
{
	static const char variadic[] = PACK_PATCH(
		WRITES_ALL "static int fix(int x, ...) { WRITE_ALL(); return x; }",
		"\"libkeep.so\"", "variadic", "fix");

	(void)state;
	pack_refused(&fixture.pack, "var", variadic, victim, "bad-patch", "variable number");
	fixture.pack.cflags = "-g0";
	pack_refused(&fixture.pack, "dbg",
		     PACK_PATCH(WRITES_ALL "static int fix(int x) { WRITE_ALL(); return x; }",
				"\"libkeep.so\"", "small", "fix"),
		     victim, "bad-patch", "-g");
	fixture.pack.cflags = NULL;
}

/* The unwinder of libgcc_s is the one the loader tells; other libraries export the same names. */
static _Unwind_Reason_Code (*backtrace_of)(_Unwind_Trace_Fn, void *);
static _Unwind_Ptr (*ip_of)(struct _Unwind_Context *);
static void *(*function_of)(void *);
static bool found_test;

static _Unwind_Reason_Code see_frame(struct _Unwind_Context *context, void *argument)
{
	(void)argument;
	if (function_of((void *)(ip_of(context) - 1)) == (void *)call_watched)
		found_test = true;
	return _URC_NO_REASON;
}

static void walk(void)
{
	backtrace_of(see_frame, NULL);
}

/* A walk from inside the replacement gets through the wrapper to its caller. */
static void test_unwinding_passes_through(void **state)
{
	void *libgcc = dlopen("libgcc_s.so.1", RTLD_NOW);
	const void *fix = load(
		"many", WRITES_ALL
		"static long fix(long a, long b, long c, long d, long e, long f, long g, long h, "
		"char i, long double j) { (void)b; (void)c; (void)d; (void)e; (void)f; (void)h; "
		"(void)i; (void)j; ((void (*)(void))g)(); WRITE_ALL(); return a; }");
	uint64_t stack[6] = { (uint64_t)walk };
	struct watch watch = watch_make(fix);

	(void)state;
	assert_true(is_wrapped());
	assert_non_null(libgcc);
	backtrace_of = dlsym(libgcc, "_Unwind_Backtrace");
	ip_of = dlsym(libgcc, "_Unwind_GetIP");
	function_of = dlsym(libgcc, "_Unwind_FindEnclosingFunction");
	watch.stack = stack;
	watch.n_stack = 6;
	found_test = false;
	call_watched(&watch);
	assert_true(found_test);
	unload();
	dlclose(libgcc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_replacement_needs_none),
		cmocka_unit_test(test_registers_are_kept),
		cmocka_unit_test(test_calls_of_others_are_covered),
		cmocka_unit_test(test_nothing_is_returned),
		cmocka_unit_test(test_results_are_not_kept),
		cmocka_unit_test(test_stack_arguments),
		cmocka_unit_test(test_originals_that_call_out_need_none),
		cmocka_unit_test(test_exported_functions_need_none),
		cmocka_unit_test(test_unknown_signatures_are_refused),
		cmocka_unit_test(test_unwinding_passes_through),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
