// Sonic, time-stretch of speech, for Swift.
#pragma once
#include <sonic.h>
