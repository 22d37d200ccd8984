// libyuv's scaler for Swift.
#pragma once
#include <libyuv/scale.h>
