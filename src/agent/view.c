/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "view.h"

#include <stdbool.h>

#include "alloc.h"

struct replaced {
	struct replaced *next;
	bool aged;
	struct lp_view view;
};

static struct replaced *olds;
static const struct lp_view *initial; /* the static one, never freed */

static struct replaced *container(const struct lp_view *view)
{
	return (struct replaced *)((char *)view - offsetof(struct replaced, view));
}

struct lp_view *lp_view_draft(void)
{
	struct replaced *draft = lp_alloc(sizeof(*draft));

	if (!draft)
		return NULL;
	draft->view = *lp_view;
	return &draft->view;
}

void lp_view_discard(struct lp_view *view)
{
	if (view)
		lp_free(container(view));
}

void lp_view_publish(struct lp_view *view)
{
	const struct lp_view *old = lp_view;

	if (!initial)
		initial = old;
	__atomic_store_n(&lp_view, view, __ATOMIC_SEQ_CST);
	if (old != initial) {
		struct replaced *entry = container(old);

		entry->aged = false;
		entry->next = olds;
		olds = entry;
	}
}

void lp_view_age(void)
{
	for (struct replaced *entry = olds; entry; entry = entry->next)
		entry->aged = true;
}

void lp_view_free_aged(void)
{
	for (struct replaced **link = &olds; *link;) {
		struct replaced *entry = *link;

		if (!entry->aged) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		lp_free(entry);
	}
}

void lp_view_deinit(void)
{
	const struct lp_view *last = lp_view;

	if (!initial)
		return;
	__atomic_store_n(&lp_view, initial, __ATOMIC_SEQ_CST);
	if (last != initial)
		lp_free(container(last));
	lp_view_age();
	lp_view_free_aged();
	initial = NULL;
}
