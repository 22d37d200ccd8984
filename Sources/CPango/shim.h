// Pango and Cairo for Swift: the headers, and functions for the GObject macros.
#pragma once
#include <cairo.h>
#include <pango/pangocairo.h>

static inline void cpango_unref(gpointer object) { g_object_unref(object); }
