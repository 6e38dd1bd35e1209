/* lang/pointers.c -- see pointers.h: open addressing, at most half full. */
#include "lang/pointers.h"

static int slot_of(const lang_pointers *m, const void *key) {
  uint64_t h = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
  const int mask = m->room - 1;
  int i = (int)(h >> 40) & mask;
  while (m->slot[i].key && m->slot[i].key != key) i = (i + 1) & mask;
  return i;
}

void *mst_lang_pointer(const lang_pointers *m, const void *key) {
  return m->room ? m->slot[slot_of(m, key)].value : NULL;
}

static void grow(lang_context *c, lang_pointers *m) {
  const lang_pointers old = *m;
  m->room = old.room ? 2 * old.room : 64;
  m->slot = MST_LANG_ARRAY(c, struct lang_pointer_slot, m->room);
  for (int i = 0; i < old.room; i++)
    if (old.slot[i].key) m->slot[slot_of(m, old.slot[i].key)] = old.slot[i];
}

void mst_lang_set_pointer(lang_context *c, lang_pointers *m, const void *key, void *value) {
  if (2 * (m->count + 1) > m->room) grow(c, m);
  struct lang_pointer_slot *s = &m->slot[slot_of(m, key)];
  if (!s->key) m->count++;
  s->key = key;
  s->value = value;
}
