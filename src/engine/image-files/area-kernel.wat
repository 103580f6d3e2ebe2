;; Resizes a small colour picture to 64×64 pixels with vector instructions; area-kernel.ts calls it and explains it.
;;
;; Memory: at 0 a table of 64 rows of 16 bytes; at 1024 a table of 64 columns of 48 bytes; at 4096 the sums of three
;; rows, 16 bits each; at 8192 the result; at 24576 the source's rows.
(module
  (memory (export "memory") 2)

  ;; source      address of the first byte of the box in the first source row
  ;; rowBytes    bytes of a source row
  ;; sumsEnd     address after the last sum that is needed
  ;; half        half of the area of a target, in 64ths of a pixel squared
  ;; multiplier  2^shift / area, rounded up
  (func (export "run")
    (param $source i32) (param $rowBytes i32) (param $sumsEnd i32)
    (param $half i32) (param $multiplier i32) (param $shift i32)
    (local $row i32) (local $column i32) (local $result i32) (local $sum i32)
    (local $above i32) (local $middle i32) (local $below i32)
    (local $weightAbove v128) (local $weightMiddle v128) (local $weightBelow v128)
    (local $halves v128) (local $multipliers v128) (local $total v128)

    (local.set $halves (i32x4.splat (local.get $half)))
    (local.set $multipliers (i32x4.splat (local.get $multiplier)))
    (local.set $result (i32.const 8192))
    (local.set $row (i32.const 0))
    (loop $rows
      ;; A row's entry: the offset of its first source row, and the weights of three rows.
      (local.set $above (i32.add (local.get $source) (i32.load (local.get $row))))
      (local.set $middle (i32.add (local.get $above) (local.get $rowBytes)))
      (local.set $below (i32.add (local.get $middle) (local.get $rowBytes)))
      (local.set $weightAbove (i16x8.splat (i32.load offset=4 (local.get $row))))
      (local.set $weightMiddle (i16x8.splat (i32.load offset=8 (local.get $row))))
      (local.set $weightBelow (i16x8.splat (i32.load offset=12 (local.get $row))))

      ;; Sums of three rows, eight bytes at a time.
      (local.set $sum (i32.const 4096))
      (loop $sums
        (v128.store (local.get $sum)
          (i16x8.add
            (i16x8.add
              (i16x8.mul (v128.load8x8_u (local.get $above)) (local.get $weightAbove))
              (i16x8.mul (v128.load8x8_u (local.get $middle)) (local.get $weightMiddle)))
            (i16x8.mul (v128.load8x8_u (local.get $below)) (local.get $weightBelow))))
        (local.set $above (i32.add (local.get $above) (i32.const 8)))
        (local.set $middle (i32.add (local.get $middle) (i32.const 8)))
        (local.set $below (i32.add (local.get $below) (i32.const 8)))
        (local.set $sum (i32.add (local.get $sum) (i32.const 16)))
        (br_if $sums (i32.lt_u (local.get $sum) (local.get $sumsEnd))))

      (local.set $column (i32.const 1024))
      (loop $columns
        ;; A column's entry: the address of its first sum, and from byte 16 on the weights of three sums.
        (local.set $sum (i32.load (local.get $column)))
        (local.set $total
          (i32x4.add
            (i32x4.add
              ;; Red, green and blue of the first pixel, each beside the second's.
              (i32x4.dot_i16x8_s
                (i8x16.shuffle 0 1 6 7 2 3 8 9 4 5 10 11 16 16 16 16
                  (v128.load (local.get $sum)) (v128.const i64x2 0 0))
                (v128.load offset=16 (local.get $column)))
              ;; Those of the third, each beside nothing.
              (i32x4.dot_i16x8_s
                (i8x16.shuffle 0 1 16 16 2 3 16 16 4 5 16 16 16 16 16 16
                  (v128.load offset=12 (local.get $sum)) (v128.const i64x2 0 0))
                (v128.load offset=32 (local.get $column))))
            (local.get $halves)))
        ;; ⌊total / area⌋ as (total · multiplier) >> shift; the fourth byte is written over by the next column.
        (v128.store32_lane 0 (local.get $result)
          (i8x16.shuffle 0 8 16 24 0 0 0 0 0 0 0 0 0 0 0 0
            (i64x2.shr_u
              (i64x2.extmul_low_i32x4_u (local.get $total) (local.get $multipliers)) (local.get $shift))
            (i64x2.shr_u
              (i64x2.extmul_high_i32x4_u (local.get $total) (local.get $multipliers)) (local.get $shift))))
        (local.set $column (i32.add (local.get $column) (i32.const 48)))
        (local.set $result (i32.add (local.get $result) (i32.const 3)))
        (br_if $columns (i32.lt_u (local.get $column) (i32.const 4096))))

      (local.set $row (i32.add (local.get $row) (i32.const 16)))
      (br_if $rows (i32.lt_u (local.get $row) (i32.const 1024))))))
