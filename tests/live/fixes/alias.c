// SPDX-License-Identifier: LGPL-2.1-or-later
/* The two names of one function of symbols.c: -DANSWER=f, -DSAME=f say what they become. */
#include <suture/livepatch.h>

int lp_two(void);
int lp_three(void);

int lp_two(void)
{
	return 2;
}

int lp_three(void)
{
	return 3;
}

static struct klp_func funcs[] = {
#ifdef ANSWER
	{ .old_name = "answer", .new_func = ANSWER },
#endif
#ifdef SAME
	{ .old_name = "same", .new_func = SAME },
#endif
	{}
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "alias", .objs = objs);
