/* model/cache.h -- the folder of compiled models, and what may be loaded from it.
 *
 * What is loaded runs with the user's rights. So the folder must be the user's own (or root's), and
 * nobody else may write to it; it is made for the user alone, whatever the umask. An object must be
 * a file of the user's own with one name, and end in a hash of its bytes: one that was cut short,
 * damaged, or put there by something else is compiled again. Where the folder cannot be used, a
 * model is compiled for one run, in a folder that goes with it. Not collective: rank 0.
 */
#ifndef MST_MODEL_CACHE_H
#define MST_MODEL_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The folder: MASTING_CACHE, or masting/ in XDG_CACHE_HOME or in ~/.cache, or a temporary one, with
 * a warning why. */
masting_status mst_cache_folder(char *path, size_t size, mst_error *err);

/* Whether the object is there and may be loaded. */
bool mst_cache_sound(const char *object);

/* Adds the hash to a compiled object and gives it its name. */
masting_status mst_cache_seal(const char *made, const char *object, mst_error *err);

/* The object has been opened, or will not be: a temporary folder is removed. */
void mst_cache_done(void);

#endif
