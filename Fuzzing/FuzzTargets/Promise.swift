/// Stops the process if a target broke a promise. Unlike a precondition it says so in a release build too.
package func promise(
    _ isKept: Bool, _ what: @autoclosure () -> String = "", file: StaticString = #fileID, line: UInt = #line
) {
    if !isKept { broken(what(), file: file, line: line) }
}

/// Stops the process: a target broke a promise.
package func broken(_ what: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
    fatalError("a promise is broken at \(file):\(line): \(what)")
}
