/* lang/pointers.h -- a map from addresses to addresses: what a pass knows of a declaration, say.
 * Lives in the context's pool. */
#ifndef MST_LANG_POINTERS_H
#define MST_LANG_POINTERS_H

#include "lang/context.h"

typedef struct lang_pointers { /* all zero: empty */
  struct lang_pointer_slot {
    const void *key;
    void *value;
  } * slot;
  int count, room; /* room: a power of two, or 0 */
} lang_pointers;

void *mst_lang_pointer(const lang_pointers *m, const void *key); /* its value, or NULL */
void mst_lang_set_pointer(lang_context *c, lang_pointers *m, const void *key, void *value);

#endif
