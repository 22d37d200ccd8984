/// Which sources a program's mix takes. A listener's own source is always left out of what that listener hears.
package enum MixRule: Equatable, Sendable {
    /// All of them, those added later too.
    case all
    /// None: the program is silent.
    case none
    /// These, by the index that `AudioMixer.addSource` gave.
    case only(Set<Int>)

    func takes(_ source: Int) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .only(let sources): sources.contains(source)
        }
    }
}
