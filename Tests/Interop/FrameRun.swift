import Media
import TestSupport

/// How a site's own frame numbers go on from picture to picture of the program.
///
/// Peers on a machine that others keep busy send in bursts now and then, and a bridge may skip a tick: so most steps must
/// be right, and none may ever go back.
struct FrameRun: CustomStringConvertible {
    /// Pictures of the program looked at.
    private(set) var pictures = 0
    /// Pictures in which no number could be read.
    private(set) var unreadable = 0
    /// By how many of the site's frames each picture went on; negative where it went back.
    private(set) var steps: [Int] = []

    /// - Parameters:
    ///   - numbers: one per picture of the program.
    ///   - modulus: where the site's numbers start again.
    init(_ numbers: [Int?], modulus: Int) {
        var last: Int?
        for number in numbers {
            pictures += 1
            guard let number else {
                unreadable += 1
                continue
            }
            if let last {
                let step = (number - last + modulus) % modulus
                steps.append(step > modulus * 3 / 4 ? step - modulus : step)
            }
            last = number
        }
    }

    /// Reads a cell in each of the pictures.
    init(_ video: RawVideoFile, _ range: Range<Int>, cell: Rectangle, modulus: Int) {
        self.init(range.map { video.picture($0).frameNumber(in: cell) }, modulus: modulus)
    }

    /// Pictures that showed the frame of the one before once more.
    var repeats: Int { steps.count { $0 == 0 } }

    /// The site's frames that were shown in no picture, though later ones were.
    var missing: Int { steps.reduce(0) { $0 + max(0, $1 - 1) } }

    /// The most pictures in a row that showed the same frame.
    var longestRepeat: Int { (steps.split { $0 != 0 }.map(\.count).max() ?? 0) + 1 }

    /// Whether each picture was whole and in its order, and went on by `step` frames: the site's rate by the program's.
    func isSteady(by step: Int) -> Bool {
        let near = steps.count { abs($0 - step) <= 1 }
        return unreadable == 0 && steps.allSatisfy { $0 >= 0 } && steps.sorted()[steps.count / 2] == step
            && near * 10 >= steps.count * 9
    }

    var description: String { "\(pictures) pictures, \(unreadable) unreadable, steps \(steps)" }
}

/// Pictures of a program, and what they show.
extension RawVideoFile {
    /// The share of the pictures in `range` that show the site of that id in `cell`, undimmed, from 0 to 1.
    func share(of id: String, in cell: Rectangle, _ range: Range<Int>, among sites: [SyntheticSite]) -> Double {
        let shown = range.count { picture($0).site(in: cell, among: sites)?.id.rawValue == id }
        return Double(shown) / Double(range.count)
    }
}
