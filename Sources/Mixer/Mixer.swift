// Mixer
