(** The hypotheses can be kept: a byte of length before the payload, and a limit of three. *)

Require Import List PeanoNat Lia.
From Proofs Require Import Split Framing Recovery Resync.
Import ListNotations.

Definition byte_prefix : framing := {|
  Byte := nat;
  Word := unit;
  Extent := nat;
  Reason := nat;
  frame_len := fun payload => S payload;
  locate := fun _ b =>
    match b with
    | [] => Unknown
    | n :: _ => if 3 <? n then Wrong n else Known n tt
    end;
  check := fun _ _ => None;
  next_start := fun _ from => StartsAt from;
|}.

Theorem byte_prefix_keeps_its_promises : keeps_its_promises byte_prefix.
Proof.
  constructor; simpl.
  - auto.
  - intros. lia.
  - intros w [| n b] x v; try discriminate. simpl. destruct (3 <? n); auto; discriminate.
  - intros w [| n b] r; try discriminate. simpl. destruct (3 <? n); auto; discriminate.
  - intros w [| n b] m v; try discriminate. destruct (3 <? n); discriminate.
  - intros w [| n b] m v; try discriminate. destruct (3 <? n); discriminate.
Qed.

Definition by_length : skipping byte_prefix := {|
  Memory := nat * unit;
  begin := fun (_ : Word byte_prefix) (b : list (Byte byte_prefix)) => (match b with [] => 0 | n :: _ => S n end, tt);
  skip := @skip_known nat unit nat;
|}.

Theorem by_length_skips_alike : skips_alike byte_prefix by_length.
Proof.
  constructor; simpl.
  - intros w [| n b] r H y; [discriminate | reflexivity].
  - intros w [| n b] r c v H; [discriminate |].
    destruct (Nat.leb_spec (S n) (length (n :: b))); [| discriminate].
    intros E. injection E; intros; subst. simpl in *. rewrite skipn_length. lia.
  - intros m b. pose proof (known_length_is_skipped_alike (Reason := nat) m b) as (A & B & _). auto.
  - intros m b c m' H y. pose proof (known_length_is_skipped_alike (Reason := nat) m b) as (_ & _ & _ & D). auto.
  - intros m b c v H y. pose proof (known_length_is_skipped_alike (Reason := nat) m b) as (_ & _ & C & _). auto.
  - intros (left, v) b c r H. simpl in H. destruct (left <=? length b); [discriminate | destruct b; discriminate].
Qed.

Theorem byte_prefix_starts_alike : starts_alike byte_prefix.
Proof.
  constructor; simpl; intros; try discriminate; auto.
  match goal with E : StartsAt _ = StartsAt _ |- _ => injection E; intros; subst end. auto.
Qed.

Theorem split_never_shows_for_byte_prefixes : forall skips chunks, exists es z,
  feeds (Recovery.step by_length skips) (Recovery.At by_length 0 (tt : Word byte_prefix)) [] chunks es z /\
  runs (Recovery.step by_length skips) (Recovery.At by_length 0 (tt : Word byte_prefix)) (concat chunks) es z.
Proof.
  intros skips chunks.
  destruct (split_never_shows_with_skipping byte_prefix_keeps_its_promises by_length by_length_skips_alike skips tt chunks)
    as (es & z & F & R & _). eauto.
Qed.
