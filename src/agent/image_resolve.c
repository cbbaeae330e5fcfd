// SPDX-License-Identifier: LGPL-2.1-or-later
/* The address of each symbol that the relocations of a patch use. */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "author.h"
#include "dl.h"
#include "image_plan.h"
#include "tls.h"

#define KLP_SYM_PREFIX ".klp.sym."

/* Handles of the objects, taken when first needed. */
struct scope {
	struct lp_image_plan *plan;
	void *handles[LP_FILE_MAX_OBJECTS];
	bool asked[LP_FILE_MAX_OBJECTS];
};

int lp_image_refuse(struct lp_image_plan *plan, enum lp_reason reason, const char *object,
		    const char *symbol)
{
	lp_report_add(plan->report, (struct lp_refusal){
					    .reason = reason,
					    .patch = plan->file->strings + plan->file->info->name,
					    .object = object,
					    .function = symbol,
				    });
	return -ECANCELED;
}

static const char *object_name(const struct lp_patch_file *file, uint32_t index)
{
	uint32_t name = file->objects[index].name;

	return name && file->strings[name] ? file->strings + name : LP_PROGRAM_NAME;
}

/* Names of objects contain dots: of libx.so and libx.so.1 the longer one that fits is meant. */
int lp_image_symbol_object(const struct lp_patch_file *file, const Elf64_Sym *symbol)
{
	const char *rest = file->symbol_names + symbol->st_name + strlen(KLP_SYM_PREFIX);
	size_t best_size = 0;
	int best = -1;

	for (uint32_t i = 0; i < file->info->objects.count; i++) {
		const char *name = object_name(file, i);
		size_t size = strlen(name);

		if (size > best_size && !strncmp(rest, name, size) && rest[size] == '.') {
			best = (int)i;
			best_size = size;
		}
	}
	return best;
}

static int resolve_tls(struct lp_image_plan *plan, const Elf64_Sym *elf,
		       struct lp_image_symbol *symbol, uint32_t index)
{
	const char *name = plan->file->symbol_names + elf->st_name;
	const struct lp_object *object = plan->objects[index];
	struct lp_tls tls;

	if (!lp_tls_find(object->tls_module, &tls) || elf->st_value > tls.size ||
	    elf->st_size > tls.size - elf->st_value)
		return lp_image_refuse(plan, LP_REASON_BAD_FILE, object_name(plan->file, index),
				       name);
	if (symbol->needs_tp && !tls.is_static)
		return lp_image_refuse(plan, LP_REASON_UNSUPPORTED_TARGET,
				       object_name(plan->file, index), name);
	symbol->module = object->tls_module;
	symbol->addr = elf->st_value;
	symbol->tp_offset = tls.tp_offset + elf->st_value;
	return 0;
}

static int resolve_livepatch(struct lp_image_plan *plan, const Elf64_Sym *elf,
			     struct lp_image_symbol *symbol)
{
	const char *name = plan->file->symbol_names + elf->st_name;
	int index = lp_image_symbol_object(plan->file, elf);
	const struct lp_object *object;

	if (index < 0)
		return lp_image_refuse(plan, LP_REASON_BAD_FILE, NULL, name);
	if (ELF64_ST_TYPE(elf->st_info) == STT_TLS)
		return resolve_tls(plan, elf, symbol, (uint32_t)index);
	object = plan->objects[index];
	symbol->addr = object->base + elf->st_value;
	if (symbol->addr < object->lo || symbol->addr >= object->hi ||
	    elf->st_size > object->hi - symbol->addr)
		return lp_image_refuse(plan, LP_REASON_BAD_FILE,
				       object_name(plan->file, (uint32_t)index), name);
	return 0;
}

static void *object_handle(struct scope *scope, uint32_t index)
{
	const struct lp_object *object = scope->plan->objects[index];

	if (!scope->asked[index]) {
		scope->handles[index] = lp_dl_hold(*object->path ? object->path : NULL);
		scope->asked[index] = true;
	}
	return scope->handles[index];
}

/* As an object would find it: the global scope, then what it loaded for itself. */
static uint64_t look_up(struct scope *scope, const char *name, const char *version)
{
	void *addr = lp_dl_symbol(NULL, name, version);

	for (uint32_t i = 0; !addr && i < scope->plan->file->info->objects.count; i++) {
		void *handle = object_handle(scope, i);

		if (handle)
			addr = lp_dl_symbol(handle, name, version);
	}
	return (uint64_t)addr;
}

static int resolve_undefined(struct scope *scope, const Elf64_Sym *elf,
			     struct lp_image_symbol *symbol)
{
	const char *name = scope->plan->file->symbol_names + elf->st_name;
	char *plain, *version;

	symbol->addr = scope->plan->author ? lp_author_symbol(scope->plan->author, name) : 0;
	if (symbol->addr)
		return 0;
	if (!lp_dl_is_there())
		return lp_image_refuse(scope->plan, LP_REASON_UNSUPPORTED_TARGET, NULL, name);
	plain = lp_strdup(name);
	if (!plain)
		return -ENOMEM;
	version = strchr(plain, '@');
	while (version && *version == '@')
		*version++ = '\0';
	symbol->addr = look_up(scope, plain, version && *version ? version : NULL);
	lp_free(plain);
	if (!symbol->addr && ELF64_ST_BIND(elf->st_info) != STB_WEAK)
		return lp_image_refuse(scope->plan, LP_REASON_NO_SUCH_SYMBOL, NULL, name);
	return 0;
}

static int resolve_symbol(struct scope *scope, uint32_t index)
{
	struct lp_image_plan *plan = scope->plan;
	const Elf64_Sym *elf = &plan->file->symbols[index];

	if (elf->st_shndx == LP_SHN_LIVEPATCH)
		return resolve_livepatch(plan, elf, &plan->symbols[index]);
	if (elf->st_shndx == SHN_UNDEF)
		return resolve_undefined(scope, elf, &plan->symbols[index]);
	plan->symbols[index].addr = lp_image_section_addr(plan, elf->st_shndx) + elf->st_value;
	return 0;
}

int lp_image_resolve(struct lp_image_plan *plan)
{
	struct scope *scope = lp_alloc(sizeof(*scope));
	int ret = 0;

	if (!scope)
		return -ENOMEM;
	scope->plan = plan;
	/* all refusals at once, but no further after another error */
	for (uint32_t i = 1; i < plan->file->n_symbols && (!ret || ret == -ECANCELED); i++) {
		int one = plan->symbols[i].used ? resolve_symbol(scope, i) : 0;

		if (one < 0)
			ret = one;
	}
	for (uint32_t i = 0; i < LP_FILE_MAX_OBJECTS; i++)
		lp_dl_release(scope->handles[i]);
	lp_free(scope);
	return ret;
}
