// Kernels fill their stack buffers themselves; clearing them first would cost small operations dearly.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
