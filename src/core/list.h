/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* list.h - a doubly linked list through its members; an empty head points to itself. */
#ifndef LP_CORE_LIST_H
#define LP_CORE_LIST_H

struct lp_list {
	struct lp_list *next, *prev;
};

static inline void lp_list_init(struct lp_list *head)
{
	head->next = head->prev = head;
}

static inline int lp_list_empty(const struct lp_list *head)
{
	return head->next == head;
}

static inline void lp_list_append(struct lp_list *head, struct lp_list *entry)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void lp_list_remove(struct lp_list *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	lp_list_init(entry);
}

#define lp_list_entry(pointer, type, member)                                                       \
	((type *)((char *)(pointer) - __builtin_offsetof(type, member)))

#define lp_list_for_each(entry, head, member)                                                      \
	for (entry = lp_list_entry((head)->next, __typeof__(*entry), member);                      \
	     &entry->member != (head);                                                             \
	     entry = lp_list_entry(entry->member.next, __typeof__(*entry), member))

/* entry may be removed in the body */
#define lp_list_for_each_safe(entry, following, head, member)                                      \
	for (entry = lp_list_entry((head)->next, __typeof__(*entry), member),                      \
	    following = lp_list_entry(entry->member.next, __typeof__(*entry), member);             \
	     &entry->member != (head); entry = following,                                          \
	    following = lp_list_entry(following->member.next, __typeof__(*following), member))

#endif
