import Hummingbird
import ArgumentParser
import Yams
print("x")
