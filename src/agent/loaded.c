/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loaded.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "grave.h"
#include "verify.h"

static struct lp_loaded *all;

struct lp_loaded *lp_loaded_first(void)
{
	return all;
}

struct lp_loaded *lp_loaded_of(const struct lp_patch *patch)
{
	return lp_list_entry(patch, struct lp_loaded, core);
}

/*
 * Suspended coroutines are on no task's stack, and would come back into what was left. Whoever
 * swaps stacks is refused, but for the C library, which only offers it.
 */
static int refuse_coroutines(const struct lp_object *mapped, size_t count, struct lp_report *report)
{
	for (size_t i = 0; i < count; i++) {
		if (!mapped[i].swaps_stacks || strcmp(mapped[i].soname, "libc.so.6") == 0)
			continue;
		lp_report_add(report, (struct lp_refusal){ .reason = LP_REASON_COROUTINES });
		return -ECANCELED;
	}
	return 0;
}

/* Where the file's objects are mapped, and that they are the ones it was made for. */
static int find_objects(struct lp_loaded *loaded, struct lp_report *report)
{
	const struct lp_patch_file *file = &loaded->file;
	size_t count;
	struct lp_object *mapped = lp_objects_list(&count);
	int r = 0;

	loaded->objects = lp_alloc(file->info->objects.count * sizeof(*loaded->objects));
	if (!mapped || !loaded->objects) {
		lp_free(mapped);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < file->info->objects.count; i++) {
		const char *name = lp_patch_file_string(file, file->objects[i].name);
		const struct lp_object *object = lp_objects_find(mapped, count, name);
		enum lp_reason reason = lp_verify_object(&file->objects[i], object);

		if (reason == LP_REASON_NONE) {
			loaded->objects[i] = *object;
			continue;
		}
		lp_report_add(report, (struct lp_refusal){ .reason = reason, .object = name });
		r = -ECANCELED;
	}
	if (r == 0)
		r = refuse_coroutines(mapped, count, report);
	lp_free(mapped);
	return r;
}

static int verify_functions(struct lp_loaded *loaded, struct lp_report *report)
{
	const struct lp_patch_file *file = &loaded->file;
	int r = 0;

	for (uint32_t i = 0; i < file->info->functions.count; i++) {
		const struct lp_file_function *function = &file->functions[i];
		const struct lp_object *object = &loaded->objects[function->object];
		enum lp_reason reason = lp_verify_function(function, object);

		if (reason == LP_REASON_NONE)
			continue;
		lp_report_add(report,
			      (struct lp_refusal){
				      .reason = reason,
				      .object = lp_patch_file_string(
					      file, file->objects[function->object].name),
				      .function = lp_patch_file_string(file, function->name) });
		r = -ECANCELED;
	}
	return r;
}

static int load_image(struct lp_loaded *loaded, struct lp_report *report)
{
	uint32_t count = loaded->file.info->objects.count;
	const struct lp_object **objects = lp_alloc((count + 1) * sizeof(*objects));
	int r;

	if (!objects)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		objects[i] = &loaded->objects[i];
	r = lp_image_load(&loaded->image, &loaded->file, objects, &loaded->author, report);
	lp_free(objects);
	return r;
}

static int make_markers(struct lp_loaded *loaded)
{
	uint32_t count = loaded->file.info->functions.count;
	uint64_t *targets = lp_alloc(count * sizeof(*targets));
	int r;

	if (!targets)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		targets[i] = loaded->functions[i].new_addr;
	r = lp_markers_create(&loaded->markers, targets, count);
	lp_free(targets);
	return r;
}

static int describe_functions(struct lp_loaded *loaded)
{
	const struct lp_patch_file *file = &loaded->file;
	uint32_t count = file->info->functions.count;

	loaded->functions = lp_alloc(count * sizeof(*loaded->functions));
	loaded->core.functions = lp_alloc(count * sizeof(*loaded->core.functions));
	if (!loaded->functions || !loaded->core.functions)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct lp_file_function *from = &file->functions[i];
		struct lp_function *to = &loaded->core.functions[i];
		struct lp_loaded_function *own = &loaded->functions[i];

		own->loaded = loaded;
		own->index = i;
		own->new_addr = lp_image_symbol(&loaded->image, file, from->new_symbol);
		own->new_size = file->symbols[from->new_symbol].st_size;
		to->object = lp_patch_file_string(file, file->objects[from->object].name);
		to->name = lp_patch_file_string(file, from->name);
		to->sympos = from->sympos;
		to->host = own;
	}
	loaded->core.n_functions = count;
	return 0;
}

static uint8_t callback_bits(const uint32_t *symbols)
{
	uint8_t bits = 0;

	for (int i = 0; i < LP_CALLBACK_COUNT; i++)
		if (symbols[i])
			bits |= (uint8_t)(1 << i);
	return bits;
}

/* They are all mapped: find_objects() has seen to that. */
static int describe_objects(struct lp_loaded *loaded)
{
	const struct lp_patch_file *file = &loaded->file;
	uint32_t count = file->info->objects.count;
	struct lp_patch *core = &loaded->core;

	core->objects = lp_alloc(count * sizeof(*core->objects));
	if (!core->objects)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		core->objects[i] = (struct lp_patch_object){
			.name = lp_patch_file_string(file, file->objects[i].name),
			.callbacks = callback_bits(file->objects[i].callbacks),
			.present = true,
			.host = (void *)&file->objects[i],
		};
	core->n_objects = count;
	return 0;
}

/* One for each name; the file has one for each piece of its code. */
static int describe_holds(struct lp_loaded *loaded)
{
	const struct lp_patch_file *file = &loaded->file;
	struct lp_patch *core = &loaded->core;
	uint32_t count = file->info->holds.count;

	core->holds = lp_alloc((count + 1) * sizeof(*core->holds));
	if (!core->holds)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct lp_file_hold *hold = &file->holds[i];
		const char *name = lp_patch_file_string(file, hold->name);

		if (i && hold->object == hold[-1].object &&
		    !strcmp(name, lp_patch_file_string(file, hold[-1].name)))
			continue;
		core->holds[core->n_holds++] = (struct lp_hold){
			.object = lp_patch_file_string(file, file->objects[hold->object].name),
			.name = name,
		};
	}
	return 0;
}

static int describe_lists(struct lp_loaded *loaded)
{
	const struct lp_patch_file *file = &loaded->file;
	struct lp_patch *core = &loaded->core;
	struct lp_patch_state *states;

	loaded->requires = lp_alloc((file->info->requires.count + 1) * sizeof(*loaded->requires));
	states = lp_alloc((file->info->states.count + 1) * sizeof(*states));
	if (!loaded->requires || !states) {
		lp_free(states);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < file->info->requires.count; i++)
		loaded->requires[i] = lp_patch_file_string(file, file->requires[i]);
	for (uint32_t i = 0; i < file->info->states.count; i++) {
		const struct lp_file_state *from = &file->states[i];

		states[i] = (struct lp_patch_state){
			.id = from->id,
			.version = from->version,
			.callbacks = callback_bits(from->callbacks),
			.is_shadow = from->flags & LP_FILE_STATE_SHADOW,
			.block_disable = from->flags & LP_FILE_STATE_BLOCK_DISABLE,
			.host = (void *)from,
		};
	}
	core->requires = loaded->requires;
	core->n_requires = file->info->requires.count;
	core->states = states;
	core->n_states = file->info->states.count;
	core->obsoletes = file->obsoletes;
	core->n_obsoletes = file->info->obsoletes.count;
	return 0;
}

static int describe(struct lp_loaded *loaded)
{
	const struct lp_file *info = loaded->file.info;
	struct lp_patch *core = &loaded->core;
	int r;

	core->name = lp_patch_file_string(&loaded->file, info->name);
	core->provides = info->provides;
	core->replace = info->flags & LP_FILE_REPLACE;
	core->replaceable = info->flags & LP_FILE_REPLACEABLE;
	core->conflicts_replace = info->flags & LP_FILE_CONFLICTS_REPLACE;
	core->pinned = info->flags & LP_FILE_ADDRESS_TAKEN;
	core->host = loaded;
	r = describe_functions(loaded);
	if (r == 0)
		r = describe_objects(loaded);
	if (r == 0)
		r = describe_holds(loaded);
	if (r == 0)
		r = describe_lists(loaded);
	return r;
}

static int load(struct lp_loaded *loaded, int fd, struct lp_report *report, const char **why)
{
	int r = lp_patch_file_open(&loaded->file, fd, why);

	if (r < 0) {
		if (r == -EBADMSG) {
			lp_report_add(report, (struct lp_refusal){ .reason = LP_REASON_BAD_FILE });
			r = -ECANCELED;
		}
		return r;
	}
	r = lp_author_create(&loaded->author, &loaded->file);
	if (r == 0)
		r = find_objects(loaded, report);
	if (r == 0)
		r = verify_functions(loaded, report);
	if (r == 0)
		r = load_image(loaded, report);
	if (r == 0)
		r = describe(loaded);
	if (r == 0)
		r = make_markers(loaded);
	return r;
}

static void free_parts(struct lp_loaded *loaded)
{
	lp_markers_destroy(&loaded->markers);
	lp_image_unload(&loaded->image);
	lp_free((void *)loaded->core.states);
	lp_free(loaded->core.functions);
	lp_free(loaded->core.objects);
	lp_free(loaded->core.holds);
	lp_author_destroy(&loaded->author);
	lp_free(loaded->functions);
	lp_free(loaded->requires);
	lp_free(loaded->objects);
}

struct lp_loaded *lp_loaded_create(int fd, struct lp_report *report, struct lp_patch_file *refused,
				   const char **why, int *error)
{
	struct lp_loaded *loaded = lp_alloc(sizeof(*loaded));

	memset(refused, 0, sizeof(*refused));
	*error = -ENOMEM;
	if (!loaded)
		return NULL;
	*error = load(loaded, fd, report, why);
	if (*error == 0) {
		loaded->next = all;
		all = loaded;
		return loaded;
	}
	free_parts(loaded);
	*refused = loaded->file;
	lp_free(loaded);
	return NULL;
}

void lp_loaded_destroy(struct lp_loaded *loaded)
{
	struct lp_loaded **link = &all;

	while (*link != loaded)
		link = &(*link)->next;
	*link = loaded->next;
	free_parts(loaded);
	lp_patch_file_close(&loaded->file);
	lp_free(loaded);
}

static void bury(void *what)
{
	struct lp_loaded *loaded = what;

	lp_image_retire(&loaded->image);
	lp_loaded_destroy(loaded);
}

void lp_loaded_retire(struct lp_loaded *loaded)
{
	const struct lp_image *image = &loaded->image;
	struct lp_grave *grave;

	loaded->retired = true;
	if (loaded->core.pinned)
		return;
	grave = lp_grave_dig_wide(bury, loaded, image->n_pieces + 1);
	if (!grave) {
		loaded->core.pinned = true;
		return;
	}
	for (uint32_t i = 0; i < image->n_pieces; i++)
		lp_grave_watch(grave, image->pieces[i].text_addr,
			       image->pieces[i].text_addr + image->pieces[i].text_size);
	lp_grave_watch(grave, loaded->markers.code.addr,
		       loaded->markers.code.addr + loaded->markers.code.size);
}

uint64_t lp_loaded_entry(const struct lp_function *function)
{
	const struct lp_loaded_function *own = function->host;

	return own->called ? own->new_addr : lp_marker_addr(&own->loaded->markers, own->index);
}

/* Settled: straight to it from now on. A transition's stubs go on as they are. */
static void shorten_path(const struct lp_loaded *loaded, unsigned int i)
{
	const struct lp_function *function = &loaded->core.functions[i];
	const struct lp_site *site = function->site;

	if (!loaded->retired && site && site->host && site->current == function &&
	    site->next == function)
		lp_gate_set_slot(site->host, loaded->functions[i].new_addr);
}

static bool update_one(struct lp_loaded *loaded)
{
	bool any_left = false;

	for (unsigned int i = 0; i < loaded->core.n_functions; i++) {
		if (loaded->functions[i].called)
			continue;
		loaded->functions[i].called = lp_marker_called(&loaded->markers, i);
		if (loaded->functions[i].called)
			shorten_path(loaded, i);
		else
			any_left = true;
	}
	return any_left;
}

bool lp_loaded_update_called(void)
{
	bool any_left = false;

	for (struct lp_loaded *loaded = all; loaded; loaded = loaded->next)
		if (!loaded->retired && update_one(loaded))
			any_left = true;
	return any_left;
}
