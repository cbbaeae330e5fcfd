// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern volatile long library_count, program_count;
KLP_EXTERN(library_count, "libshared.so", "notes", 0);
KLP_EXTERN(program_count, NULL, "notes", 0);

static void note(volatile long *to, long digit)
{
	*to = *to * 10 + digit;
}

static int program_pre(struct klp_object *object)
{
	(void)object;
	note(&program_count, 1);
	return 0;
}

static void program_post(struct klp_object *object)
{
	(void)object;
	note(&program_count, 2);
}

static void program_leaving(struct klp_object *object)
{
	(void)object;
	note(&program_count, 3);
}

static void program_left(struct klp_object *object)
{
	(void)object;
	note(&program_count, 4);
}

static int library_pre(struct klp_object *object)
{
	(void)object;
	note(&library_count, 1);
	return 0;
}

static void library_post(struct klp_object *object)
{
	(void)object;
	note(&library_count, 2);
}

static void library_leaving(struct klp_object *object)
{
	(void)object;
	note(&library_count, 3);
}

static void library_left(struct klp_object *object)
{
	(void)object;
	note(&library_count, 4);
}

static const struct klp_func none[] = { {} };
static struct klp_object objs[] = {
	{ .funcs = none,
	  .callbacks = { program_pre, program_post, program_leaving, program_left } },
	{ .name = "libshared.so",
	  .callbacks = { library_pre, library_post, library_leaving, library_left } },
	{},
};
KLP_PATCH(.objs = objs);
