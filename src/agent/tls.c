// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dl_iterate_phdr */
#endif
#include "tls.h"

#include <link.h>
#include <string.h>

#include "object.h"

#define MAX_STATIC (64ul << 20) /* far more than a static TLS area ever is */

struct query {
	size_t module;
	struct lp_tls *tls;
	bool found;
};

static uint64_t thread_pointer(void)
{
	uint64_t self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return self;
}

/* DF_STATIC_TLS: linked with relocations that ld.so only accepts together with static TLS. */
static bool wants_static(const struct dl_phdr_info *info)
{
	for (unsigned int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t addr = info->dlpi_addr + header->p_vaddr;
		ElfW(Dyn) dyn;

		if (header->p_type != PT_DYNAMIC)
			continue;
		for (uint64_t at = 0; at + sizeof(dyn) <= header->p_memsz; at += sizeof(dyn)) {
			if (lp_peek(addr + at, &dyn, sizeof(dyn)) < 0 || dyn.d_tag == DT_NULL)
				break;
			if (dyn.d_tag == DT_FLAGS)
				return dyn.d_un.d_val & DF_STATIC_TLS;
		}
	}
	return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context)
{
	struct query *query = context;
	uint64_t tp = thread_pointer(), data;

	if (size < offsetof(struct dl_phdr_info, dlpi_tls_data) + sizeof(void *) ||
	    info->dlpi_tls_modid != query->module)
		return 0;
	query->found = true;
	memset(query->tls, 0, sizeof(*query->tls));
	for (unsigned int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS)
			query->tls->size = info->dlpi_phdr[i].p_memsz;
	data = (uint64_t)info->dlpi_tls_data;
	if ((!info->dlpi_name || !*info->dlpi_name || wants_static(info)) && data && data < tp &&
	    tp - data >= query->tls->size && tp - data < MAX_STATIC) {
		query->tls->is_static = true;
		query->tls->tp_offset = data - tp;
	}
	return 1;
}

bool lp_tls_find(size_t module, struct lp_tls *tls)
{
	struct query query = { .module = module, .tls = tls };

	if (module)
		dl_iterate_phdr(visit, &query);
	return query.found;
}
