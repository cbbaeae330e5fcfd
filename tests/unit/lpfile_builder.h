/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lpfile_builder.h - makes small .lp files for tests: compiles C, turns symbols into livepatch
 * symbols, and adds a description. The object 0 is the program. Aborts on failure.
 */
#ifndef LP_TESTS_LPFILE_BUILDER_H
#define LP_TESTS_LPFILE_BUILDER_H

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <suture/lpfile.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUILDER_MAX (256u << 10)

struct built {
	size_t size;
	size_t info; /* offset of the description */
	uint8_t bytes[BUILDER_MAX] __attribute__((aligned(16)));
};

/* A symbol of the program, by the name the source uses. */
struct bound {
	const char *name;
	uint64_t value;
	int type; /* STT_ */
};

#define builder_check(condition)                                                                   \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static inline void builder_compile(struct built *built, const char *source, const char *flags)
{
	char dir[] = "/tmp/lpfile-XXXXXX", path[64], object[64], command[512];
	FILE *file;

	builder_check(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.c", dir);
	snprintf(object, sizeof(object), "%s/a.o", dir);
	file = fopen(path, "w");
	builder_check(file && fputs(source, file) >= 0 && !fclose(file));
	snprintf(command, sizeof(command), "gcc -c -O2 -fPIC %s -o %s %s", flags, object, path);
	builder_check(system(command) == 0);
	file = fopen(object, "r");
	builder_check(file);
	built->size = fread(built->bytes, 1, sizeof(built->bytes), file);
	builder_check(built->size > 0 && built->size < sizeof(built->bytes));
	fclose(file);
	unlink(path);
	unlink(object);
	rmdir(dir);
}

static inline Elf64_Ehdr *builder_header(struct built *built)
{
	return (Elf64_Ehdr *)built->bytes;
}

static inline Elf64_Shdr *builder_sections(struct built *built)
{
	return (Elf64_Shdr *)(built->bytes + builder_header(built)->e_shoff);
}

static inline Elf64_Shdr *builder_section(struct built *built, const char *name)
{
	Elf64_Shdr *sections = builder_sections(built);
	const char *names = (char *)built->bytes +
			    sections[builder_header(built)->e_shstrndx].sh_offset;

	for (int i = 1; i < builder_header(built)->e_shnum; i++)
		if (!strcmp(names + sections[i].sh_name, name))
			return &sections[i];
	return NULL;
}

static inline Elf64_Sym *builder_symbols(struct built *built)
{
	return (Elf64_Sym *)(built->bytes + builder_section(built, ".symtab")->sh_offset);
}

static inline Elf64_Sym *builder_symbol(struct built *built, const char *name, uint32_t *index)
{
	Elf64_Shdr *table = builder_section(built, ".symtab");
	Elf64_Sym *symbols = builder_symbols(built);
	const char *names = (char *)built->bytes +
			    builder_sections(built)[table->sh_link].sh_offset;

	for (uint32_t i = 1; i < table->sh_size / sizeof(*symbols); i++) {
		if (strcmp(names + symbols[i].st_name, name))
			continue;
		if (index)
			*index = i;
		return &symbols[i];
	}
	return NULL;
}

/* Moves a section's bytes to the end of the file, with `room` more bytes; returns where. */
static inline size_t builder_move(struct built *built, Elf64_Shdr *section, size_t room)
{
	size_t at = (built->size + 15) & ~(size_t)15;

	builder_check(at + section->sh_size + room + 16 < BUILDER_MAX);
	memset(built->bytes + built->size, 0, at - built->size);
	memmove(built->bytes + at, built->bytes + section->sh_offset, section->sh_size);
	memset(built->bytes + at + section->sh_size, 0, room);
	section->sh_offset = at;
	built->size = at + section->sh_size + room;
	return at;
}

static inline uint32_t builder_add_string(struct built *built, Elf64_Shdr *table, const char *text)
{
	size_t size = strlen(text) + 1, at = table->sh_size;

	builder_move(built, table, size);
	memcpy(built->bytes + table->sh_offset + at, text, size);
	table->sh_size += size;
	return (uint32_t)at;
}

static inline void builder_bind_in(struct built *built, const struct bound *bound,
				   const char *object)
{
	Elf64_Shdr *table = builder_section(built, ".symtab");
	Elf64_Sym *symbol = builder_symbol(built, bound->name, NULL);
	char name[256];

	builder_check(symbol);
	snprintf(name, sizeof(name), ".klp.sym.%s.%s,0", object, bound->name);
	symbol->st_name = builder_add_string(built, &builder_sections(built)[table->sh_link], name);
	symbol->st_shndx = LP_SHN_LIVEPATCH;
	symbol->st_value = bound->value;
	symbol->st_info = ELF64_ST_INFO(STB_GLOBAL, bound->type);
}

static inline void builder_bind(struct built *built, const struct bound *bound)
{
	builder_bind_in(built, bound, LP_PROGRAM_NAME);
}

/* The fixed layout of the description that builder_describe() makes. */
enum {
	BUILT_OBJECT = sizeof(struct lp_file),
	BUILT_FUNCTION = BUILT_OBJECT + sizeof(struct lp_file_object),
	BUILT_MOVED = BUILT_FUNCTION + sizeof(struct lp_file_function),
	BUILT_FIXUP = BUILT_MOVED + 16,
	BUILT_HOLD = BUILT_FIXUP + sizeof(struct lp_file_fixup),
	BUILT_STATE = BUILT_HOLD + sizeof(struct lp_file_hold),
	BUILT_PLACE = BUILT_STATE + sizeof(struct lp_file_state),
	BUILT_STRINGS = BUILT_PLACE + 2 * sizeof(struct lp_file_place), /* one is used */
};

#define BUILT_STRING_DATA "\0test-patch\0old_function\0held"

static inline struct lp_file_function *built_function(struct built *built)
{
	return (struct lp_file_function *)(built->bytes + built->info + BUILT_FUNCTION);
}

static inline struct lp_file *built_info(struct built *built)
{
	return (struct lp_file *)(built->bytes + built->info);
}

static inline void builder_fill(struct built *built, uint32_t new_symbol)
{
	uint8_t *info = built->bytes + built->info;
	struct lp_file *head = (struct lp_file *)info;
	struct lp_file_object *object = (struct lp_file_object *)(info + BUILT_OBJECT);
	struct lp_file_function *function = (struct lp_file_function *)(info + BUILT_FUNCTION);
	struct lp_file_fixup *fixup = (struct lp_file_fixup *)(info + BUILT_FIXUP);
	struct lp_file_hold *hold = (struct lp_file_hold *)(info + BUILT_HOLD);
	struct lp_file_state *state = (struct lp_file_state *)(info + BUILT_STATE);
	struct lp_file_place *place = (struct lp_file_place *)(info + BUILT_PLACE);

	*head = (struct lp_file){
		.magic = LP_FILE_MAGIC,
		.version = LP_FILE_VERSION,
		.size = BUILT_STRINGS + sizeof(BUILT_STRING_DATA),
		.name = 1,
		.flags = LP_FILE_REPLACEABLE,
		.strings = { BUILT_STRINGS, sizeof(BUILT_STRING_DATA) },
		.objects = { BUILT_OBJECT, 1 },
		.functions = { BUILT_FUNCTION, 1 },
		.moved = { BUILT_MOVED, 10 },
		.fixups = { BUILT_FIXUP, 1 },
		.holds = { BUILT_HOLD, 1 },
		.states = { BUILT_STATE, 1 },
		.places = { BUILT_PLACE, 1 },
	};
	memcpy(info + BUILT_STRINGS, BUILT_STRING_DATA, sizeof(BUILT_STRING_DATA));
	*object = (struct lp_file_object){ .build_id_size = 20 };
	*function = (struct lp_file_function){
		.name = 12,
		.new_symbol = new_symbol,
		.old_addr = 0x1000,
		.old_size = 64,
		.entry_kind = LP_ENTRY_SINGLE,
		.window = 5,
		.boundaries = 1,
		.moved_size = 10,
		.fixup_count = 1,
	};
	*fixup = (struct lp_file_fixup){ .offset = 6, .end = 10, .target = 0x1005 };
	*hold = (struct lp_file_hold){ .name = 25, .addr = 0x2000, .size = 16 };
	*state = (struct lp_file_state){ .id = 7, .version = 1 };
	/* where it would be anyway */
	*place = (struct lp_file_place){ .section = builder_symbols(built)[new_symbol].st_shndx };
}

/* Adds the description as one more section. */
static inline void builder_describe(struct built *built, const char *new_function)
{
	Elf64_Ehdr *header = builder_header(built);
	Elf64_Shdr *names = &builder_sections(built)[header->e_shstrndx];
	uint32_t name = builder_add_string(built, names, LP_FILE_SECTION), new_symbol = 0;
	size_t size = BUILT_STRINGS + sizeof(BUILT_STRING_DATA);
	size_t table_size = header->e_shnum * sizeof(Elf64_Shdr);
	size_t table;

	builder_check(builder_symbol(built, new_function, &new_symbol));
	built->info = (built->size + 15) & ~(size_t)15;
	table = (built->info + size + 15) & ~(size_t)15;
	builder_check(table + table_size + sizeof(Elf64_Shdr) < BUILDER_MAX);
	memset(built->bytes + built->size, 0, table - built->size);
	memmove(built->bytes + table, builder_sections(built), table_size);
	header->e_shoff = table;
	builder_sections(built)[header->e_shnum++] = (Elf64_Shdr){
		.sh_name = name,
		.sh_type = SHT_PROGBITS,
		.sh_offset = built->info,
		.sh_size = size,
		.sh_addralign = 8,
	};
	built->size = table + table_size + sizeof(Elf64_Shdr);
	builder_fill(built, new_symbol);
}

/* Room at the end of the description, which is described anew; returns its offset there. */
static inline uint32_t builder_extend(struct built *built, size_t size)
{
	Elf64_Shdr *section = builder_section(built, LP_FILE_SECTION);
	size_t at = (section->sh_size + 7) & ~(size_t)7;

	size = at - section->sh_size + size;
	built->info = builder_move(built, section, size);
	section->sh_size += size;
	built_info(built)->size = (uint32_t)section->sh_size;
	return (uint32_t)at;
}

/* Adds the object 1. */
static inline void builder_add_object(struct built *built, const char *name)
{
	size_t old = built_info(built)->strings.count, size = strlen(name) + 1;
	uint32_t at = builder_extend(built, 2 * sizeof(struct lp_file_object));
	struct lp_file_object *objects = (struct lp_file_object *)(built->bytes + built->info + at);
	struct lp_file *info = built_info(built);

	objects[0] = *(struct lp_file_object *)(built->bytes + built->info + BUILT_OBJECT);
	objects[1] = (struct lp_file_object){ .name = (uint32_t)old, .build_id_size = 20 };
	info->objects = (struct lp_table){ at, 2 };
	at = builder_extend(built, old + size);
	info = built_info(built);
	memcpy((uint8_t *)info + at, (uint8_t *)info + info->strings.offset, old);
	memcpy((uint8_t *)info + at + old, name, size);
	info->strings = (struct lp_table){ at, (uint32_t)(old + size) };
}

/* These sections (NULL ends them) lie near the object 1. In any order. */
static inline void builder_set_places(struct built *built, const char *const *names)
{
	uint32_t count = 0, at = builder_extend(built, 64 * sizeof(struct lp_file_place));
	struct lp_file_place *places = (struct lp_file_place *)(built->bytes + built->info + at);
	Elf64_Shdr *sections = builder_sections(built);

	for (uint32_t i = 1; i < builder_header(built)->e_shnum; i++)
		for (const char *const *name = names; *name; name++)
			if (builder_section(built, *name) == &sections[i])
				places[count++] = (struct lp_file_place){ i, 1 };
	builder_check(count && !names[count] && count <= 64);
	built_info(built)->places = (struct lp_table){ at, count };
}

/* A descriptor of a fresh memfd with these bytes. */
static inline int builder_file(const void *bytes, size_t size)
{
	int fd = memfd_create("test.lp", MFD_CLOEXEC);

	builder_check(fd >= 0);
	builder_check(!size || pwrite(fd, bytes, size, 0) == (ssize_t)size);
	return fd;
}

#endif
