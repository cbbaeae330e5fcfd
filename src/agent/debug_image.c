// SPDX-License-Identifier: LGPL-2.1-or-later
#include "debug_image.h"

#include <stdbool.h>
#include <string.h>

#include "alloc.h"

/* The layout is gdb's. */
enum { JIT_NO_ACTION, JIT_REGISTER, JIT_UNREGISTER };

struct jit_code_entry {
	struct jit_code_entry *next, *prev;
	const void *symfile_addr;
	uint64_t symfile_size;
};

struct jit_descriptor {
	uint32_t version;
	uint32_t action_flag;
	struct jit_code_entry *relevant_entry;
	struct jit_code_entry *first_entry;
};

struct image {
	struct jit_code_entry entry;
	bool shown;
	uint8_t elf[] __attribute__((aligned(16)));
};

static struct jit_descriptor descriptor = { .version = 1 };

/* gdb has a breakpoint here. */
static __attribute__((noinline, used)) void notify(void)
{
	__asm__ volatile("" : : "r"(&descriptor) : "memory");
}

/* Names by which gdb finds both; the program's own JIT, if it has one, is never called instead. */
extern struct jit_descriptor __jit_debug_descriptor
	__attribute__((alias("descriptor"), visibility("default")));
extern void __jit_debug_register_code(void) __attribute__((alias("notify"), visibility("default")));

void *lp_debug_image_create(const struct lp_patch_file *file, const uint64_t *section_addrs)
{
	struct image *image = lp_alloc(sizeof(*image) + file->size);
	Elf64_Shdr *sections;
	Elf64_Sym *symbols;

	if (!image)
		return NULL;
	memcpy(image->elf, file->bytes, file->size);
	sections = (Elf64_Shdr *)(image->elf + ((const uint8_t *)file->sections - file->bytes));
	for (uint32_t i = 1; i < file->n_sections; i++) {
		sections[i].sh_addr = section_addrs[i];
		/* what is not loaded must not be taken for something at address 0 */
		if (!section_addrs[i])
			sections[i].sh_flags &= ~(uint64_t)SHF_ALLOC;
	}
	symbols = (Elf64_Sym *)(image->elf + ((const uint8_t *)file->symbols - file->bytes));
	for (uint32_t i = 1; i < file->n_symbols; i++)
		if (symbols[i].st_shndx == LP_SHN_LIVEPATCH)
			symbols[i].st_shndx = SHN_UNDEF;
	image->entry.symfile_addr = image->elf;
	image->entry.symfile_size = file->size;
	return image;
}

static void tell(struct image *image, uint32_t action)
{
	descriptor.relevant_entry = &image->entry;
	descriptor.action_flag = action;
	notify();
	descriptor.action_flag = JIT_NO_ACTION;
	descriptor.relevant_entry = NULL;
}

void lp_debug_image_show(void *shown)
{
	struct image *image = shown;

	image->entry.next = descriptor.first_entry;
	if (descriptor.first_entry)
		descriptor.first_entry->prev = &image->entry;
	descriptor.first_entry = &image->entry;
	image->shown = true;
	tell(image, JIT_REGISTER);
}

void lp_debug_image_destroy(void *destroyed)
{
	struct image *image = destroyed;

	if (image && image->shown) {
		if (image->entry.prev)
			image->entry.prev->next = image->entry.next;
		else
			descriptor.first_entry = image->entry.next;
		if (image->entry.next)
			image->entry.next->prev = image->entry.prev;
		tell(image, JIT_UNREGISTER);
	}
	lp_free(image);
}
