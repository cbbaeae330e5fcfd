/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "module.h"
#include "sys.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#define MAX_PHDRS 64
#define MAX_CHAIN 4096 /* symbols of one hash bucket; far more than any linker makes */

static int read_headers(pid_t tid, uint64_t lo, Elf64_Phdr *phdrs, unsigned int *count)
{
	Elf64_Ehdr header;

	if (lp_sys_read(tid, lo, &header, sizeof(header)))
		return -ENOENT;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_machine != EM_X86_64 || header.e_phentsize != sizeof(*phdrs) ||
	    header.e_phnum > MAX_PHDRS)
		return -ENOENT;
	if (lp_sys_read(tid, lo + header.e_phoff, phdrs, header.e_phnum * sizeof(*phdrs)))
		return -ENOENT;
	*count = header.e_phnum;
	return 0;
}

static void widen(uint64_t *lo, uint64_t *hi, uint64_t from, uint64_t size)
{
	if (!*hi || from < *lo)
		*lo = from;
	if (from + size > *hi)
		*hi = from + size;
}

/* The first pass finds the base, the second what hangs on it. Returns the address of PT_DYNAMIC. */
static uint64_t read_segments(struct lp_module *module, const Elf64_Phdr *phdrs, unsigned int count)
{
	uint64_t dynamic = 0;
	unsigned int i;

	for (i = 0; i < count && phdrs[i].p_type != PT_LOAD; i++)
		;
	if (i == count)
		return 0;
	module->base = module->lo - (phdrs[i].p_vaddr & ~0xfffull);
	for (i = 0; i < count; i++) {
		const Elf64_Phdr *p = &phdrs[i];
		uint64_t at = module->base + p->p_vaddr;

		if (p->p_type == PT_DYNAMIC)
			dynamic = at;
		else if (p->p_type == PT_TLS)
			module->tls_size = p->p_memsz;
		else if (p->p_type == PT_LOAD && (p->p_flags & PF_X))
			widen(&module->text_lo, &module->text_hi, at, p->p_memsz);
		else if (p->p_type == PT_LOAD && (p->p_flags & PF_W))
			widen(&module->data_lo, &module->data_hi, at, p->p_memsz);
	}
	return dynamic;
}

static void read_string(const struct lp_module *module, uint64_t offset, char *text, size_t size)
{
	ssize_t n = lp_sys_read_some(module->tid, module->strings + offset, text, size - 1);

	text[n > 0 ? n : 0] = 0;
}

static void read_dynamic(struct lp_module *module, uint64_t dynamic)
{
	uint64_t soname = 0;
	Elf64_Dyn entry;

	for (unsigned int i = 0; i < 256; i++) {
		if (lp_sys_read(module->tid, dynamic + i * sizeof(entry), &entry, sizeof(entry)) ||
		    entry.d_tag == DT_NULL)
			break;
		switch (entry.d_tag) {
		case DT_STRTAB:
			module->strings = entry.d_un.d_ptr;
			break;
		case DT_SYMTAB:
			module->symbols = entry.d_un.d_ptr;
			break;
		case DT_GNU_HASH:
			module->gnu_hash = entry.d_un.d_ptr;
			break;
		case DT_VERSYM:
			module->versions = entry.d_un.d_ptr;
			break;
		case DT_SONAME:
			soname = entry.d_un.d_val;
			break;
		default:
			break;
		}
	}
	/* ld.so has put addresses into the table: a file that is merely mapped has offsets there */
	if (module->strings < module->lo)
		module->strings = 0;
	if (module->strings && soname)
		read_string(module, soname, module->soname, sizeof(module->soname));
}

int lp_module_open(struct lp_module *module, pid_t tid, uint64_t lo)
{
	Elf64_Phdr phdrs[MAX_PHDRS];
	unsigned int count;
	uint64_t dynamic;
	int error;

	memset(module, 0, sizeof(*module));
	module->tid = tid;
	module->lo = lo;
	error = read_headers(tid, lo, phdrs, &count);
	if (error)
		return error;
	dynamic = read_segments(module, phdrs, count);
	if (!dynamic)
		return -ENOENT;
	read_dynamic(module, dynamic);
	return module->strings && module->symbols ? 0 : -ENOENT;
}

int lp_module_find(struct lp_module *module, pid_t tid, const struct lp_maps *maps,
		   const char *soname)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct lp_map *map = &maps->maps[i];

		if (map->read && !map->offset && map->inode &&
		    !lp_module_open(module, tid, map->lo) && !strcmp(module->soname, soname))
			return 0;
	}
	return -ENOENT;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static bool is_named(const struct lp_module *module, const Elf64_Sym *symbol, const char *name)
{
	char text[128];

	if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) == STT_TLS)
		return false;
	read_string(module, symbol->st_name, text, sizeof(text));
	return !strcmp(text, name);
}

static bool is_hidden_version(const struct lp_module *module, uint32_t index)
{
	uint16_t version = 0;

	if (module->versions)
		lp_sys_read(module->tid, module->versions + 2ull * index, &version, 2);
	return version & 0x8000;
}

/* Walks the chain of one bucket: https://flapenguin.me/elf-dt-gnu-hash, glibc dl-lookup.c. */
static uint64_t walk(const struct lp_module *module, const char *name, uint32_t index,
		     uint64_t chain, uint32_t first)
{
	uint32_t wanted = gnu_hash(name), hash = 0;
	uint64_t found = 0;
	Elf64_Sym symbol;

	for (unsigned int n = 0; n < MAX_CHAIN && !(hash & 1); n++, index++) {
		if (lp_sys_read(module->tid, chain + 4ull * (index - first), &hash, 4) ||
		    lp_sys_read(module->tid, module->symbols + index * sizeof(symbol), &symbol,
				sizeof(symbol)))
			break;
		if ((hash | 1) != (wanted | 1) || !is_named(module, &symbol, name))
			continue;
		if (!found || !is_hidden_version(module, index))
			found = module->base + symbol.st_value;
	}
	return found;
}

uint64_t lp_module_symbol(const struct lp_module *module, const char *name)
{
	struct {
		uint32_t buckets, first, bloom_words, bloom_shift;
	} header;
	uint64_t buckets, chain;
	uint32_t index;

	if (!module->gnu_hash ||
	    lp_sys_read(module->tid, module->gnu_hash, &header, sizeof(header)) || !header.buckets)
		return 0;
	buckets = module->gnu_hash + sizeof(header) + 8ull * header.bloom_words;
	chain = buckets + 4ull * header.buckets;
	if (lp_sys_read(module->tid, buckets + 4ull * (gnu_hash(name) % header.buckets), &index,
			4) ||
	    index < header.first)
		return 0;
	return walk(module, name, index, chain, header.first);
}
